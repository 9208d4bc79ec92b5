import assert from 'node:assert/strict';
import type { CatalogueRow } from '../row';
import { together } from '../support/packets';
import { repeatedly, wireRow } from '../support/wire-row';
import { reset } from '../../../support/reset';

const exec = { ends: 'failure', stage: 'exec' } as const;
const sent = { ...exec, commandMayHaveRun: true } as const;

/** The answer to the requests for a pseudo-terminal and for the command (RFC 4254 sections 6.2 and 6.5). */
export const EXEC_REQUEST_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'exec-refused',
    what: 'the exec request is refused: a device without commands, or a server that cannot fork; nothing ran',
    expect: { ...exec, type: 'SshExecRefused' },
    script: () => ({ onExec: (wire) => void wire.failure() }),
    commands: 1,
  }),
  wireRow({
    name: 'exec-request-unanswered',
    what: 'the exec request is never answered',
    expect: { ...sent, type: 'SshExecTimeout', deadline: 'exec' },
    script: () => ({ onExec: () => undefined }),
    // Its channel is not there yet to be told.
    check: (_end, server) => assert.deepEqual(server.signals, []),
  }),
  wireRow({
    name: 'exec-request-noise',
    what: 'the exec request is never answered, but the server talks all the time',
    expect: { ...sent, type: 'SshExecTimeout', deadline: 'exec' },
    script: ({ deadlines }) => ({
      onExec: (wire) => repeatedly(wire, deadlines.exec / 8, () => wire.ignore().ping()),
    }),
  }),
  wireRow({
    name: 'exec-request-close-conn',
    what: 'FIN instead of an answer to the exec request, which is no refusal',
    expect: { ...sent, type: 'SshConnectionLost' },
    script: () => ({ onExec: (wire) => void wire.socket.end() }),
  }),
  wireRow({
    name: 'exec-request-rst',
    what: 'RST instead of an answer to the exec request',
    expect: { ...sent, type: 'SshConnectionLost' },
    script: () => ({ onExec: (wire) => void reset(wire.socket) }),
  }),
  wireRow({
    name: 'exec-request-close-channel',
    what: 'the channel is closed instead of an answer to the exec request, which is no refusal',
    expect: { ...sent, type: 'SshExitStatusMissing' },
    script: () => ({ onExec: (wire) => void wire.eof().close() }),
  }),
  wireRow({
    name: 'exec-request-unanswered-status',
    what: 'no answer to the exec request, but a status and the end of the channel: never taken for a success',
    expect: { ...sent, type: 'SshExitStatusMissing' },
    script: () => ({ onExec: (wire) => void wire.data('early\n').exitStatus(0).eof().close() }),
  }),
  wireRow({
    name: 'exec-output-before-answer',
    what: 'output comes before the answer to the exec request',
    expect: { ...sent, stage: 'run', type: 'SshExitStatus' },
    script: () => ({
      onExec: (wire) => together(wire, () => wire.data('early\n').success().data('late\n').exitStatus(9).eof().close()),
    }),
    check: ({ error }) => assert.deepEqual([error?.result?.stdout, error?.details.exitCode], ['early\nlate\n', 9]),
  }),
  wireRow({
    name: 'exec-answered-twice',
    what: 'the exec request is accepted, and then refused: it was accepted',
    expect: { ends: 'success' },
    script: () => ({ onExec: (wire) => void wire.success().failure().success().exitStatus(0).eof().close() }),
  }),
  wireRow({
    name: 'pty-refused',
    what: 'the pseudo-terminal is refused: the command must not run without it',
    expect: { ...exec, type: 'SshPtyRefused' },
    script: () => ({ onPty: (wire) => void wire.failure() }),
    scene: () => ({ request: { pty: true } }),
  }),
  wireRow({
    name: 'pty-unanswered',
    what: 'the pseudo-terminal is neither given nor refused: the command was never sent',
    expect: { ...exec, type: 'SshExecTimeout', deadline: 'exec' },
    script: () => ({ onPty: () => undefined }),
    scene: () => ({ request: { pty: true } }),
  }),
  wireRow({
    name: 'pty-close-channel',
    what: 'the channel is closed instead of an answer to the pseudo-terminal',
    expect: { ...exec, type: 'SshChannelOpenFailed' },
    script: () => ({ onPty: (wire) => void wire.eof().close() }),
    scene: () => ({ request: { pty: true } }),
  }),
  wireRow({
    name: 'pty-then-exec-refused',
    what: 'the pseudo-terminal is given, the command refused',
    expect: { ...exec, type: 'SshExecRefused' },
    script: () => ({ onExec: (wire) => void wire.failure() }),
    scene: () => ({ request: { pty: true } }),
    commands: 1,
  }),
];
