import assert from 'node:assert/strict';
import type { CatalogueRow } from '../row';
import { channelRequest, damaged, together } from '../support/packets';
import { later, wireRow } from '../support/wire-row';
import { uint32 } from '../../support/packets';

const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;
const done = { ends: 'success' } as const;

/** How a command ends (RFC 4254 section 6.10), and everything that is not an end. */
export const RUN_END_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'exec-signal-term',
    what: 'the command ends by signal TERM',
    expect: { ...run, type: 'SshExitSignal', message: /by signal TERM/ },
    script: () => ({ onExec: (wire) => void wire.success().exitSignal('TERM').eof().close() }),
    check: ({ error }) => assert.equal(error?.details.signal, 'TERM'),
  }),
  wireRow({
    name: 'exec-close-no-status',
    what: 'the channel is closed without a status: never a success',
    expect: { ...run, type: 'SshExitStatusMissing' },
    script: () => ({ onExec: (wire) => void wire.success().data('partly').eof().close() }),
    check: ({ error }) => assert.equal(error?.details.stdoutTail, 'partly'),
  }),
  wireRow({
    name: 'exec-eof-no-close',
    what: 'the end of the output, but neither a status nor the end of the channel',
    expect: { ...run, type: 'SshIdleTimeout', deadline: 'idle' },
    script: () => ({ onExec: (wire) => void wire.success().data('partly').eof() }),
  }),
  wireRow({
    name: 'exec-status-nonzero-before-data',
    what: 'exit status 9 first, output and errors later',
    expect: { ...run, type: 'SshExitStatus' },
    about: ['idle'],
    script: ({ deadlines }) => ({
      onExec: (wire) => {
        wire.success().exitStatus(9);
        later(wire, deadlines.idle / 8, () => wire.data('late\n'));
        later(wire, deadlines.idle / 4, () => wire.stderr('later\n').eof().close());
      },
    }),
    check: ({ error }) => {
      const { exitCode, stdout, stderr, truncated } = error?.result ?? {};
      assert.deepEqual([exitCode, stdout, stderr, truncated], [9, 'late\n', 'later\n', false]);
    },
  }),
  wireRow({
    name: 'exec-status-then-fin',
    what: 'a status, then FIN without the end of the channel',
    expect: done,
    script: () => ({
      onExec: (wire) => {
        wire.success().data('all\n').exitStatus(0);
        wire.socket.end();
      },
    }),
  }),
  wireRow({
    name: 'exec-then-disconnect',
    what: 'complete, then a disconnect at once',
    expect: done,
    script: () => ({
      onExec: (wire) => {
        wire.success().data('all\n').exitStatus(0).eof().close().disconnect(2, 'bye');
        wire.socket.end();
      },
    }),
  }),
  wireRow({
    name: 'exec-status-twice',
    what: 'a second status contradicts the first, which counts',
    expect: { ...run, type: 'SshExitStatus' },
    script: () => ({ onExec: (wire) => void wire.success().exitStatus(3).exitStatus(0).eof().close() }),
    check: ({ error }) => assert.equal(error?.details.exitCode, 3),
  }),
  wireRow({
    name: 'exec-status-after-signal',
    what: 'a status of 0 after a signal: the signal ended the command',
    expect: { ...run, type: 'SshExitSignal' },
    script: () => ({ onExec: (wire) => void wire.success().exitSignal('KILL').exitStatus(0).eof().close() }),
  }),
  wireRow({
    name: 'exec-status-32-bits',
    what: 'a status of 0xC000013A, as Windows gives it for an interrupted command',
    expect: { ...run, type: 'SshExitStatus', message: /exit code 3221225786/ },
    script: () => ({ onExec: (wire) => void wire.success().exitStatus(0xc000_013a).eof().close() }),
  }),
  wireRow({
    name: 'exec-status-cut',
    what: 'a status that is cut off in the middle of its number is no status',
    expect: { ...run, type: ['SshProtocolError', 'SshExitStatusMissing'] },
    script: () => ({
      onExec: (wire) =>
        void wire
          .success()
          .raw(channelRequest('exit-status', false, Buffer.from([0, 0])))
          .eof()
          .close(),
    }),
  }),
  wireRow({
    name: 'exec-status-wants-reply',
    what: 'a status that asks for a reply, which RFC 4254 forbids',
    expect: done,
    script: () => ({
      onExec: (wire) =>
        void wire
          .success()
          .raw(channelRequest('exit-status', true, uint32(0)))
          .eof()
          .close(),
    }),
  }),
  wireRow({
    name: 'exec-drop-fin',
    what: 'FIN in the middle of the output',
    expect: { ...run, type: 'SshConnectionLost' },
    script: () => ({
      onExec: (wire) => {
        wire.success().data('begun\n');
        wire.socket.end();
      },
    }),
    check: ({ error }) => assert.equal(error?.details.stdoutTail, 'begun'),
  }),
  wireRow({
    name: 'exec-drop-no-output',
    what: 'FIN before any output',
    expect: { ...run, type: 'SshConnectionLost' },
    script: () => ({
      onExec: (wire) => {
        wire.success();
        wire.socket.end();
      },
    }),
  }),
  wireRow({
    name: 'exec-mac-corrupt',
    what: 'a damaged packet in the output: told at once, not by the idle limit',
    expect: { ...run, type: 'SshProtocolError' },
    script: () => ({
      onExec: (wire) => {
        wire.success().data('begun\n');
        later(wire, 20, () => damaged(wire, () => wire.data('damaged\n')));
      },
    }),
    check: ({ error }) => assert.equal(error?.details.stdoutTail, 'begun'),
  }),
  wireRow({
    name: 'exec-end-with-answer',
    what: 'answer, output, status and end in one segment: nothing of it is lost',
    expect: { ...run, type: 'SshExitStatus' },
    script: () => ({
      onExec: (wire) => together(wire, () => wire.success().data('all\n').exitStatus(1).eof().close()),
    }),
    check: ({ error }) => assert.equal(error?.result?.stdout, 'all\n'),
  }),
];
