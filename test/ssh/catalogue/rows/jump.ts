import { freePort } from '../../../support/free-port';
import { startTcpScript } from '../../../support/tcp-script';
import type { CatalogueRow, Expectation } from '../row';
import { instead, jumpRow } from '../support/jump-row';
import { answer } from '../support/raw-row';

const UNKNOWN_KEY = `SHA256:${'B'.repeat(43)}`;

function failure(
  stage: Extract<Expectation, { ends: 'failure' }>['stage'],
  type: Extract<Expectation, { ends: 'failure' }>['type']
) {
  return { ends: 'failure', stage, type } as const;
}

/** Jump hosts (ProxyJump): what fails on the way keeps its type, and names both hosts. */
export const JUMP_ROWS: readonly CatalogueRow[] = [
  jumpRow({ name: 'jump-ok', what: 'a jump host on the way', expect: { ends: 'success' } }),
  jumpRow({
    name: 'jump-hop-refused',
    what: 'nothing listens at the jump host',
    expect: failure('connect', 'SshConnectRefused'),
    jump: true,
    hopServer: async () => ({ port: await freePort() }),
  }),
  jumpRow({
    name: 'jump-hop-silent',
    what: 'the jump host accepts and never speaks: all of the way has the deadline for connect',
    expect: { ...failure('connect', 'SshConnectTimeout'), deadline: 'connect' },
    jump: true,
    hopServer: instead(() => undefined),
  }),
  jumpRow({
    name: 'jump-hop-busy',
    what: 'the jump host has too many connections',
    expect: { ...failure('banner', 'SshServerBusy'), serverText: /^Exceeded MaxStartups$/ },
    jump: true,
    hopServer: instead(answer('Exceeded MaxStartups\r\n', 'fin')),
  }),
  jumpRow({
    name: 'jump-hop-penalty',
    what: 'the jump host penalises this address',
    expect: failure('banner', 'SshServerPenalty'),
    jump: true,
    hopServer: instead(answer('Not allowed at this time\r\n', 'fin')),
  }),
  jumpRow({
    name: 'jump-hop-not-ssh',
    what: 'an HTTP server where the jump host should be',
    expect: failure('banner', 'SshNotSshServer'),
    jump: true,
    hopServer: instead(answer('HTTP/1.1 400 Bad Request\r\n\r\n', 'fin')),
  }),
  jumpRow({
    name: 'jump-hop-mismatch',
    what: 'the jump host has another key: nothing goes through it',
    expect: failure('kex', 'SshHostKeyMismatch'),
    jump: true,
    hopServer: () => ({ hostFingerprint: UNKNOWN_KEY }),
  }),
  jumpRow({
    name: 'jump-hop-auth-refused',
    what: 'the jump host refuses the credential',
    expect: failure('auth', 'SshAuthFailed'),
    jump: true,
    hop: () => ({ onAuth: (context) => context.reject(['publickey']) }),
  }),
  jumpRow({
    name: 'jump-forward-prohibited',
    what: 'the jump host does not forward (AllowTcpForwarding no)',
    expect: failure('connect', 'SshChannelRefused'),
    jump: true,
    hop: () => ({ forwards: false }),
  }),
  jumpRow({
    name: 'jump-web-refused',
    what: 'nothing listens at the host behind the jump host',
    expect: { ...failure('connect', 'SshConnectRefused'), message: /from jump host bastion/ },
    webServer: async () => ({ port: await freePort() }),
  }),
  jumpRow({
    name: 'jump-forward-silent',
    what: 'the jump host does not answer the forwarding: it waits for a host that is off',
    expect: { ...failure('connect', 'SshConnectTimeout'), deadline: 'connect' },
    jump: true,
    hop: () => ({ onTcpip: () => undefined }),
  }),
  jumpRow({
    name: 'jump-forward-lost',
    what: 'the jump host goes away instead of forwarding',
    expect: failure('connect', 'SshConnectionLost'),
    jump: true,
    hop: () => ({ fault: { stage: 'channel', how: 'fin' } }),
  }),
  jumpRow({
    name: 'jump-web-silent',
    what: 'the host behind the jump host accepts and never speaks',
    expect: { ...failure('banner', 'SshBannerTimeout'), deadline: 'banner' },
    webServer: instead(() => undefined),
  }),
  jumpRow({
    name: 'jump-web-busy',
    what: 'the host behind the jump host has too many connections',
    expect: { ...failure('banner', 'SshServerBusy'), serverText: /^Exceeded MaxStartups$/ },
    webServer: instead(answer('Exceeded MaxStartups\r\n', 'fin')),
  }),
  jumpRow({
    name: 'jump-web-closed',
    what: 'the host behind the jump host closes at once',
    expect: failure('banner', 'SshBannerClosed'),
    webServer: instead((socket) => void socket.end()),
  }),
  jumpRow({
    name: 'jump-web-mismatch',
    what: 'the host behind the jump host has another key',
    expect: failure('kex', 'SshHostKeyMismatch'),
    webServer: () => ({ hostFingerprint: UNKNOWN_KEY }),
  }),
  jumpRow({
    name: 'jump-web-silent-kex',
    what: 'the host behind the jump host stops after its identification',
    expect: { ...failure('kex', 'SshKexTimeout'), deadline: 'kex' },
    webServer: instead((socket) => void socket.write('SSH-2.0-scripted\r\n')),
  }),
  jumpRow({
    name: 'jump-hop-lost',
    what: 'the jump host goes away while the host behind it is silent',
    expect: failure('banner', 'SshConnectionLost'),
    jump: true,
    webServer: async ({ hop }, { t }) => {
      const { address, port } = await startTcpScript(
        (socket) => void socket.once('data', () => hop.sockets[0]?.destroy()),
        { t }
      );
      return { address, port };
    },
  }),
];
