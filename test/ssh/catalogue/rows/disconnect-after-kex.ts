import type { CatalogueRow } from '../row';
import { answerService } from '../support/packets';
import { wireRow } from '../support/wire-row';

const auth = { ends: 'failure', stage: 'auth' } as const;
const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;

/** SSH_MSG_DISCONNECT (RFC 4253 section 11.1) after the key exchange. */
export const DISCONNECT_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'disconnect-service-unavailable',
    what: 'disconnects with reason 7, service not available, when ssh-userauth is asked for',
    expect: { ...auth, type: 'SshDisconnected', serverText: /^Service not available$/ },
    script: () => ({
      onConnection: (wire) => answerService(wire, () => wire.disconnect(7, 'Service not available')),
    }),
    offers: [],
  }),
  wireRow({
    name: 'disconnect-auth-no-more-methods',
    what: 'disconnects with reason 14, no more authentication methods',
    expect: { ...auth, type: 'SshAuthFailed', serverText: /^No more auth methods available$/ },
    script: () => ({ onAuth: (_context, wire) => void wire.disconnect(14, 'No more auth methods available') }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'disconnect-auth-too-many-connections',
    what: 'disconnects with reason 12, too many connections, at authentication',
    expect: { ...auth, type: 'SshServerBusy', serverText: /^Too many logins for user$/ },
    script: () => ({ onAuth: (_context, wire) => void wire.disconnect(12, 'Too many logins for user') }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'disconnect-auth-shutdown',
    what: 'disconnects with reason 11, by its own wish, at authentication',
    expect: { ...auth, type: 'SshDisconnected', serverText: /^shutting down$/ },
    script: () => ({ onAuth: (_context, wire) => void wire.disconnect(11, 'shutting down') }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'disconnect-auth-penalty',
    what: 'disconnects at authentication with the text of a penalised address',
    expect: { ...auth, type: 'SshServerPenalty', serverText: /^Not allowed at this time$/ },
    script: () => ({ onAuth: (_context, wire) => void wire.disconnect(2, 'Not allowed at this time') }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'disconnect-auth-long-text',
    what: 'disconnects at authentication with 30 kB of terminal escapes and forged log lines',
    expect: { ...auth, type: 'SshDisconnected', serverText: /^go INFO all is well x+\.\.\.$/ },
    script: () => ({
      onAuth: (_context, wire) =>
        void wire.disconnect(2, `\u001b[31mgo\r\n\0INFO all is well${'\u202e'}x${'x'.repeat(30_000)}`),
    }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'disconnect-channel-shutdown',
    what: 'disconnects with reason 11, by its own wish, instead of opening the channel',
    expect: { ends: 'failure', stage: 'channel', type: 'SshConnectionLost' },
    script: () => ({ onSession: (_accept, wire) => void wire.disconnect(11, 'shutting down') }),
  }),
  wireRow({
    name: 'disconnect-channel-too-many-logins',
    what: 'lets the user in, then disconnects with "Too many logins", as the limits of PAM do',
    expect: {
      ends: 'failure',
      stage: 'channel',
      type: 'SshServerBusy',
      serverText: /^Too many logins for 'deploy'\.$/,
    },
    script: () => ({ onSession: (_accept, wire) => void wire.disconnect(2, "Too many logins for 'deploy'.") }),
  }),
  wireRow({
    name: 'disconnect-exec-request',
    what: 'disconnects with reason 2 instead of answering the exec request',
    expect: {
      ends: 'failure',
      stage: 'exec',
      type: 'SshConnectionLost',
      commandMayHaveRun: true,
      serverText: /^Internal server error$/,
    },
    script: () => ({ onExec: (wire) => void wire.disconnect(2, 'Internal server error') }),
  }),
  wireRow({
    name: 'disconnect-output-timeout-code2',
    what: 'disconnects while the command runs, because the client does not answer its keepalives',
    expect: { ...run, type: 'SshConnectionLost', serverText: /^Timeout, your session not responding\.$/ },
    script: () => ({
      onExec: (wire) => void wire.success().data('begun\n').disconnect(2, 'Timeout, your session not responding.'),
    }),
  }),
  wireRow({
    name: 'disconnect-output-too-many-connections',
    what: 'disconnects with reason 12 while the command runs, which is no refusal any more',
    expect: { ...run, type: 'SshConnectionLost', serverText: /^Too many connections$/ },
    script: () => ({ onExec: (wire) => void wire.success().disconnect(12, 'Too many connections') }),
  }),
];
