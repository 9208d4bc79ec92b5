import type { AuthContext } from 'ssh2';
import type { Wire } from '../../support/wire-server';
import type { CatalogueRow } from '../row';
import { openConfirmation, together } from '../support/packets';
import { repeatedly, wireRow } from '../support/wire-row';
import { reset } from '../../../support/reset';

const channel = { ends: 'failure', stage: 'channel' } as const;

/** Lets a user in, and does something else in the same segment. */
function login(context: AuthContext, wire: Wire, then: () => unknown): void {
  // The first request only asks whether the key would do.
  if (context.method === 'publickey' && context.signature === undefined) return context.accept();
  together(wire, () => {
    context.accept();
    then();
  });
}

/** The channel (RFC 4254 section 5.1). */
export const CHANNEL_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'channel-prohibited',
    what: 'the channel is refused with reason 1, administratively prohibited',
    expect: { ...channel, type: 'SshChannelRefused', serverText: /^no sessions$/ },
    script: () => ({ onSession: (_accept, wire) => void wire.openFailure(1, 'no sessions') }),
  }),
  wireRow({
    name: 'channel-connect-failed',
    what: 'the channel is refused with reason 2, connect failed, which is what OpenSSH says at MaxSessions',
    expect: { ...channel, type: 'SshChannelOpenFailed', serverText: /^open failed$/ },
    script: () => ({ onSession: (_accept, wire) => void wire.openFailure(2, 'open failed') }),
  }),
  wireRow({
    name: 'channel-unknown-type',
    what: 'the channel is refused with reason 3, unknown channel type',
    expect: { ...channel, type: 'SshChannelRefused' },
    script: () => ({ onSession: (_accept, wire) => void wire.openFailure(3, 'unknown channel type') }),
  }),
  wireRow({
    name: 'channel-resource-shortage',
    what: 'the channel is refused with reason 4, resource shortage',
    expect: { ...channel, type: 'SshChannelResourceShortage' },
    script: () => ({ onSession: (_accept, wire) => void wire.openFailure(4, 'no more processes') }),
  }),
  wireRow({
    name: 'channel-unknown-reason',
    what: 'the channel is refused with a reason that no RFC knows',
    expect: { ...channel, type: 'SshChannelOpenFailed', message: /reason 4026531841/ },
    script: () => ({ onSession: (_accept, wire) => void wire.openFailure(0xf000_0001, 'quota') }),
  }),
  wireRow({
    name: 'channel-silent',
    what: 'the channel open is never answered',
    expect: { ...channel, type: 'SshChannelTimeout', deadline: 'channel' },
    script: () => ({ onSession: () => undefined }),
  }),
  wireRow({
    name: 'channel-noise',
    what: 'the channel open is never answered, but the server talks all the time',
    expect: { ...channel, type: 'SshChannelTimeout', deadline: 'channel' },
    script: ({ deadlines }) => ({
      onSession: (_accept, wire) => repeatedly(wire, deadlines.channel / 8, () => wire.ignore().ping()),
    }),
  }),
  wireRow({
    name: 'channel-rst',
    what: 'RST instead of an answer to the channel open',
    expect: { ...channel, type: 'SshConnectionLost' },
    script: () => ({ onSession: (_accept, wire) => void reset(wire.socket) }),
  }),
  wireRow({
    name: 'channel-fin-with-login',
    what: 'FIN in the same segment as the login: a session that the host cannot set up',
    expect: { ...channel, type: 'SshConnectionLost' },
    script: () => ({ onAuth: (context, wire) => login(context, wire, () => wire.socket.end()) }),
  }),
  wireRow({
    name: 'channel-close-instead-of-reply',
    what: 'the channel is confirmed and closed at once; the exec request is under way by then',
    expect: { ends: 'failure', stage: 'exec', type: 'SshExitStatusMissing', commandMayHaveRun: true },
    script: () => ({
      onSession: (accept, wire) =>
        together(wire, () => {
          accept();
          wire.close();
        }),
    }),
    // Whether ssh2's server takes a request on a channel that it has closed is its own affair.
    commands: 'any',
  }),
  wireRow({
    name: 'channel-confirmed-twice',
    what: 'the channel is confirmed a second time: the command is sent once',
    expect: { ends: 'success' },
    script: () => ({
      onSession: (accept, wire) =>
        together(wire, () => {
          accept();
          wire.raw(openConfirmation(1_000_000, 32_768));
        }),
      onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    }),
  }),
  wireRow({
    name: 'channel-confirmed-and-refused',
    what: 'the channel is confirmed and then refused: what was confirmed holds',
    expect: { ends: 'success' },
    script: () => ({
      onSession: (accept, wire) =>
        together(wire, () => {
          accept();
          wire.openFailure(2, 'after all');
        }),
      onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    }),
  }),
  wireRow({
    name: 'channel-no-packet-size',
    what: 'the channel is confirmed with a largest packet of 0 bytes, so that no input can ever be sent',
    expect: { ends: 'failure', stage: 'channel', type: 'SshProtocolError' },
    script: () => ({
      onSession: (accept, wire) => {
        const { _protocol: protocol } = wire.connection as unknown as {
          _protocol: { channelOpenConfirm(...args: readonly number[]): void };
        };
        protocol.channelOpenConfirm = () => void wire.raw(openConfirmation(1_000_000, 0));
        accept();
      },
    }),
    scene: () => ({ request: { stdin: 'input' } }),
  }),
];
