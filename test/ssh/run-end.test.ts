import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { SshExecResult } from '../../contract';
import type { SshError } from '../../ssh/ssh-error';
import { startSshd } from '../support/sshd';
import { assertNothingLeft } from '../support/handles';
import { checkFailure, exec, fails, targetOf } from './support/engine';
import { startWireServer } from './support/wire-server';
import { reset } from '../support/reset';

const run = { stage: 'run', commandMayHaveRun: true } as const;

void test('exit codes of OpenSSH', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const result = await assertNothingLeft(() => exec(target, 'echo out; echo err >&2', { attempt: 4 }));
  assert.deepEqual(
    [result.exitCode, result.signal, result.stdout, result.stderr, result.truncated, result.attempt, result.reused],
    [0, null, 'out\n', 'err\n', false, 4, false]
  );
  assert.equal(result.host, 'web-1');
  for (const [stage, ms] of Object.entries(result.stages)) assert.ok(ms >= 0 && ms < 20_000, `${stage}: ${ms}`);
  for (const code of [1, 3, 255]) {
    const command = `echo before; echo why >&2; exit ${code}`;
    const message = new RegExp(`ended the command with exit code ${code}`);
    const error = await fails(target, { ...run, type: 'SshExitStatus', message }, { command });
    assert.equal(error.details.exitCode, code);
    assert.equal(error.retryable, false);
    assert.equal(error.details.stderrTail, 'why');
    assert.deepEqual([error.result?.exitCode, error.result?.stdout, error.result?.stderr], [code, 'before\n', 'why\n']);
  }
});

void test('exit codes that are a result', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const options = { request: { okExitCodes: [0, 3] } };
  assert.equal((await exec(target, 'exit 3', options)).exitCode, 3);
  assert.equal((await exec(target, 'exit 0', options)).exitCode, 0);
  await fails(target, { ...run, type: 'SshExitStatus' }, { command: 'exit 4', ...options });
  await fails(target, { ...run, type: 'SshExitStatus' }, { command: 'exit 0', request: { okExitCodes: [1] } });
});

void test('a command that is ended by a signal', async (t) => {
  const target = targetOf(await startSshd({ t }));
  for (const name of ['TERM', 'KILL']) {
    const message = new RegExp(`by signal ${name}`);
    // No exit code can make that a result.
    const options = { request: { okExitCodes: Array.from({ length: 256 }, (_, code) => code) } };
    const command = `echo before; kill -${name} $$`;
    const error = await fails(target, { ...run, type: 'SshExitSignal', message }, { command, ...options });
    assert.equal(error.details.signal, name);
    assert.equal(error.details.exitCode, undefined);
    assert.deepEqual([error.result?.signal, error.result?.stdout], [name, 'before\n']);
  }
});

void test("a signal's name is the server's text", async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => void wire.success().exitSignal('\x1b[31m\r\nX').eof().close(),
  });
  const error = await fails(targetOf(script), { ...run, type: 'SshExitSignal' });
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(`${error.details.signal}${error.result?.signal}`, /[\x00-\x1f]/);
});

void test('a channel that is closed without a status is never a success', async (t) => {
  const script = await startWireServer(t, { onExec: (wire) => void wire.success().data('partly').eof().close() });
  const error = await fails(targetOf(script), { ...run, type: 'SshExitStatusMissing' });
  assert.equal(error.details.stdoutTail, 'partly');
  assert.equal(error.result, undefined);
});

void test('the status first, output later', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success().exitStatus(9);
      setTimeout(() => wire.data('late\n'), 100);
      setTimeout(() => wire.stderr('later\n').eof().close(), 200);
    },
  });
  // Shorter than what follows the status: it has ended in time.
  const result = await exec(targetOf(script), 'work', { request: { okExitCodes: [9] }, deadlines: { run: 150 } });
  assert.deepEqual([result.exitCode, result.stdout, result.stderr], [9, 'late\n', 'later\n']);
});

void test('the status, output, then FIN without an end of the channel', async (t) => {
  const output = 'x'.repeat(200_000);
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success().exitStatus(0);
      for (let at = 0; at < output.length; at += 20_000) wire.data(output.slice(at, at + 20_000));
      wire.stderr('done\n');
      wire.socket.end();
    },
  });
  const result = await assertNothingLeft(() => exec(targetOf(script)));
  assert.deepEqual([result.exitCode, result.stdoutBytes, result.stderr], [0, output.length, 'done\n']);
  // Nobody can tell whether there would have been more.
  assert.equal(result.truncated, true);
});

void test('a disconnect right after the end changes nothing', async (t) => {
  for (const reason of [2, 11]) {
    const script = await startWireServer(t, {
      onExec: (wire) => {
        wire.success().data('all\n').exitStatus(0).eof().close().disconnect(reason, 'bye');
        wire.socket.end();
      },
    });
    for (let round = 0; round < 20; round += 1) {
      const result = await exec(targetOf(script));
      assert.deepEqual([result.exitCode, result.stdout, result.truncated], [0, 'all\n', false]);
    }
  }
});

void test('a reset right after the end changes nothing, or leaves the outcome open', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success().data('all\n').exitStatus(0).eof().close();
      wire.socket.write('', () => setTimeout(() => reset(wire.socket), 20));
    },
  });
  const target = targetOf(script);
  for (let round = 0; round < 10; round += 1) {
    const outcome: unknown = await exec(target).catch((caught: unknown) => caught);
    // A reset may overtake what was sent before it; then nobody can tell how the command ended, and nobody does.
    if (outcome instanceof Error) {
      const { stage } = (outcome as SshError).details;
      assert.ok(stage === 'exec' || stage === 'run', stage);
      checkFailure(outcome, target, { type: 'SshConnectionLost', stage, commandMayHaveRun: true });
    } else {
      const { exitCode, stdout } = outcome as SshExecResult;
      assert.deepEqual([exitCode, stdout], [0, 'all\n']);
    }
  }
});

void test('a daemon that keeps stdout open, silent', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const begin = performance.now();
  const result = await assertNothingLeft(() => exec(target, 'sleep 600 & echo started'));
  assert.deepEqual([result.exitCode, result.stdout], [0, 'started\n']);
  assert.ok(performance.now() - begin < 15_000);
});

void test('a daemon that keeps stdout open and never stops writing', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const command = '(while :; do echo tick; sleep 0.1; done) & echo started';
  // The two minutes that a step waits for such a stream pass in two seconds here; nothing else takes as long.
  const { setTimeout: real } = globalThis;
  t.after(() => Object.assign(globalThis, { setTimeout: real }));
  const quick = (callback: () => void, ms: number): unknown => real(callback, ms > 60_000 ? ms / 60 : ms);
  Object.assign(globalThis, { setTimeout: quick });
  // The command has ended in time: its own limit does not cut what comes afterwards.
  const result = await assertNothingLeft(() => exec(target, command, { deadlines: { run: 1_000 } }));
  assert.equal(result.exitCode, 0);
  assert.match(result.stdout, /started\n(tick\n){12}/);
  assert.equal(result.truncated, true);
});

void test('a server that never closes its socket: our side is gone all the same', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.socket.removeAllListeners('end');
      wire.success().data('all\n').exitStatus(0).eof().close();
    },
  });
  const result = await exec(targetOf(script));
  assert.equal(result.stdout, 'all\n');
  const [socket] = script.sockets;
  if (socket && !socket.readableEnded && !socket.destroyed) await once(socket, 'end');
});
