import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshDeadlines } from '../../contract';
import { dial } from '../../ssh/dial';
import { runExec } from '../../ssh/run-exec';
import type { SshConnection } from '../../ssh/ssh-connection';
import { StageClock } from '../../ssh/stage-clock';
import type { SshTarget } from '../../ssh/target';
import { assertNothingLeft } from '../support/handles';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { PATIENT, checkFailure, request, targetOf } from './support/engine';
import { startWireServer } from './support/wire-server';

// A login shell reads its start-up files there, which may take long.
const NO_HOME = { HOME: '/nonexistent' };

const caught = (error: unknown): unknown => error;

function run(
  connection: SshConnection,
  target: SshTarget,
  command: string,
  { deadlines, signal }: { deadlines?: Partial<SshDeadlines>; signal?: AbortSignal } = {}
): ReturnType<typeof runExec> {
  const clock = new StageClock(target, { ...PATIENT, ...deadlines });
  return runExec(connection, request(command), { clock, signal, attempt: 1, reused: true });
}

void test('300 short commands of each kind on one connection', async (t) => {
  const target = targetOf(await startSshd({ t, env: NO_HOME }));
  await assertNothingLeft(async () => {
    const connection = await dial(target, { deadlines: PATIENT });
    const lane = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        assert.equal((await run(connection, target, 'true')).stdout, '');
        assert.equal((await run(connection, target, 'echo x')).stdout, 'x\n');
      }
    };
    await Promise.all(Array.from({ length: 5 }, lane));
    const { client } = connection;
    assert.deepEqual(
      ['error', 'close', 'end', 'handshake'].map((event) => client.listenerCount(event)),
      [1, 1, 1, 1]
    );
    await connection.close();
  });
});

void test('commands side by side on one connection do not see each other', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const connection = await dial(target, { deadlines: PATIENT });
  const results = await Promise.all([
    run(connection, target, 'sleep 0.3; echo slow'),
    run(connection, target, 'echo quick'),
    run(connection, target, 'exit 5').catch(caught),
    run(connection, target, 'kill -KILL $$').catch(caught),
    run(connection, target, 'sleep 600', { deadlines: { run: 300 } }).catch(caught),
  ]);
  const [slow, quick, five, killed, late] = results;
  assert.deepEqual(
    [slow, quick].map((result) => (result as { stdout: string }).stdout),
    ['slow\n', 'quick\n']
  );
  const ran = { stage: 'run', commandMayHaveRun: true } as const;
  assert.equal(checkFailure(five, target, { ...ran, type: 'SshExitStatus' }).details.exitCode, 5);
  assert.equal(checkFailure(killed, target, { ...ran, type: 'SshExitSignal' }).details.signal, 'KILL');
  checkFailure(late, target, { ...ran, type: 'SshRunTimeout' });
  // None of this has ended the connection.
  assert.equal((await run(connection, target, 'echo on')).stdout, 'on\n');
  await connection.close();
});

void test('a channel that a daemon holds is closed with the command, and what comes on it later does no harm', async (t) => {
  let later: (() => void) | undefined;
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success().data('all\n').exitStatus(0);
      later = () => void wire.data('late').stderr('later').ping();
    },
  });
  const target = targetOf(script);
  const connection = await dial(target, { deadlines: PATIENT });
  const result = await run(connection, target, 'work', { deadlines: { idle: 200 } });
  assert.deepEqual([result.stdout, result.stdoutBytes, result.truncated], ['all\n', 4, false]);
  later?.();
  await script.received('CHANNEL_CLOSE');
  await script.received('Received REQUEST_FAILURE');
  assert.equal(connection.lost, false);
  await connection.close();
});

void test('an abort ends one command and not the connection', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const connection = await dial(target, { deadlines: PATIENT });
  const controller = new AbortController();
  const aborted = run(connection, target, 'echo begun; sleep 600', { signal: controller.signal });
  const other = run(connection, target, 'sleep 1; echo other');
  setTimeout(() => controller.abort(new Error('enough')), 200);
  await assert.rejects(aborted, /^Error: enough$/);
  assert.equal((await other).stdout, 'other\n');
  await connection.close();
});

void test('a command on a connection that is gone fails before anything is sent', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const connection = await dial(target, { deadlines: PATIENT });
  await connection.close();
  const error = await run(connection, target, 'true').catch(caught);
  checkFailure(error, target, { type: 'SshConnectionLost', stage: 'channel' });
});

void test('a command that was given up before its channel was open is not sent when it opens later', async (t) => {
  let open: (() => void) | undefined;
  const script = await startSshScript({ t, onSession: (accept) => (open = accept) });
  const target = targetOf(script);
  const connection = await dial(target, { deadlines: PATIENT });
  const error = await run(connection, target, 'work', { deadlines: { channel: 200 } }).catch(caught);
  checkFailure(error, target, { type: 'SshChannelTimeout', stage: 'channel' });
  open?.();
  open = undefined;
  // The next one is answered after it, on the same connection, which is none the worse for it.
  const next = run(connection, target, 'next');
  while (open === undefined) await new Promise((resolve) => setImmediate(resolve));
  (open as () => void)();
  assert.equal((await next).exitCode, 0);
  assert.deepEqual(script.commands, ['next']);
  await connection.close();
});

void test('nor is one that was given up before its pseudo-terminal was granted', async (t) => {
  let grant: (() => void) | undefined;
  const script = await startSshScript({ t, onPty: (accept) => (grant = accept) });
  const target = targetOf(script);
  const connection = await dial(target, { deadlines: PATIENT });
  const clock = new StageClock(target, { ...PATIENT, exec: 200 });
  const pty = runExec(connection, request('work', { pty: true }), {
    clock,
    signal: undefined,
    attempt: 1,
    reused: true,
  });
  checkFailure(await pty.catch(caught), target, { type: 'SshExecTimeout', stage: 'exec' });
  grant?.();
  assert.equal((await run(connection, target, 'next')).exitCode, 0);
  assert.deepEqual(script.commands, ['next']);
  await connection.close();
});
