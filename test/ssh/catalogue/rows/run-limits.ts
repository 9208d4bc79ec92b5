import assert from 'node:assert/strict';
import { toApplicationFailure } from '../../../../activities/to-application-failure';
import type { SshError } from '../../../../ssh/ssh-error';
import type { CatalogueRow } from '../row';
import { channelRequest, fallSilent } from '../support/packets';
import { later, repeatedly, wireRow } from '../support/wire-row';

const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;
const done = { ends: 'success' } as const;
const idle = { ...run, type: 'SshIdleTimeout', deadline: 'idle' } as const;

/** What becomes of a failure in a step that must not run twice. */
function assertNotRunAgain({ error }: { readonly error?: SshError }): void {
  assert.ok(error);
  const failure = toApplicationFailure(error, { idempotent: false, attempt: 1 });
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshOutcomeUnknown', true]);
  const again = toApplicationFailure(error, { idempotent: true, attempt: 1 });
  assert.deepEqual([again.type, again.nonRetryable], [error.type, false]);
}

/** While the command runs: its limits, and new keys. */
export const RUN_LIMIT_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'exec-output-stall',
    what: '10 kB of output, then silence',
    expect: idle,
    script: () => ({ onExec: (wire) => void wire.success().data('x'.repeat(10_000)) }),
    check: (_end, server) => assert.deepEqual(server.signals, ['TERM']),
  }),
  wireRow({
    name: 'exec-idle-noise',
    what: 'ignored packets and keepalives all the time, but no output',
    expect: idle,
    script: ({ deadlines }) => ({
      onExec: (wire) => {
        wire.success();
        const keepalive = channelRequest('keepalive@openssh.com', true);
        repeatedly(wire, deadlines.idle / 8, () => wire.ignore().ping().raw(keepalive));
      },
    }),
  }),
  wireRow({
    name: 'exec-idle-empty-data',
    what: 'data packets without a byte in them all the time, which are no output',
    expect: idle,
    script: ({ deadlines }) => ({
      onExec: (wire) => {
        wire.success();
        repeatedly(wire, deadlines.idle / 8, () => wire.data('').stderr(''));
      },
    }),
  }),
  wireRow({
    name: 'exec-never-returns-nonidempotent',
    what: 'no output and no end of a command that must not run twice',
    expect: idle,
    script: () => ({ onExec: (wire) => void wire.success() }),
    check: assertNotRunAgain,
  }),
  wireRow({
    name: 'exec-drop-fin-nonidempotent',
    what: 'FIN in the middle of the output of a command that must not run twice',
    expect: { ...run, type: 'SshConnectionLost' },
    script: () => ({
      onExec: (wire) => {
        wire.success().data('begun\n');
        wire.socket.end();
      },
    }),
    check: assertNotRunAgain,
  }),
  wireRow({
    name: 'rekey-stall',
    what: 'the server begins a key exchange while the command runs, and stops in the middle of it',
    expect: idle,
    script: () => ({
      onExec: (wire) => {
        wire.success().data('begun\n');
        wire.connection.rekey();
        fallSilent(wire);
      },
    }),
    commands: 1,
  }),
  wireRow({
    name: 'rekey-fin',
    what: 'the server begins a key exchange while the command runs, and ends the connection in the middle of it',
    expect: { ...run, type: 'SshConnectionLost' },
    script: () => ({
      onExec: (wire) => {
        wire.success().data('begun\n');
        wire.connection.rekey();
        fallSilent(wire);
        wire.socket.end();
      },
    }),
    check: ({ error }) => assert.equal(error?.details.stdoutTail, 'begun'),
  }),
  wireRow({
    name: 'rekey-mid-output',
    what: 'new keys in the middle of the output, twice: nothing of it is lost',
    expect: { ...run, type: 'SshExitStatus' },
    script: () => ({
      onExec: (wire) => {
        const finish = (): void => void wire.data('c').exitStatus(5).eof().close();
        wire.success().data('a');
        wire.connection.rekey(() => {
          wire.data('b');
          wire.connection.rekey(finish);
        });
      },
    }),
    check: ({ error }) => assert.deepEqual([error?.result?.stdout, error?.result?.exitCode], ['abc', 5]),
  }),
  wireRow({
    name: 'exec-ticks-forever',
    what: 'output for ever: only the limit of the whole ends it',
    expect: { ...run, type: 'SshRunTimeout', deadline: 'run' },
    script: ({ deadlines }) => ({
      onExec: (wire) => {
        wire.success();
        repeatedly(wire, deadlines.idle / 8, () => wire.data('tick\n'));
      },
    }),
    check: (_end, server) => assert.deepEqual(server.signals, ['TERM']),
  }),
  wireRow({
    name: 'exec-ticks-ok',
    what: 'lines for longer than the idle limit, which each of them moves',
    expect: done,
    about: ['idle'],
    script: ({ deadlines }) => ({
      onExec: (wire) => {
        wire.success();
        repeatedly(wire, deadlines.idle / 6, () => wire.data('tick\n'));
        later(wire, deadlines.idle * 1.5, () => wire.exitStatus(0).eof().close());
      },
    }),
  }),
];
