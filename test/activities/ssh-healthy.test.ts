import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { SshFailureDetails, SshUnhealthyDetails } from '../../contract';
import { assertNothingLeft } from '../support/handles';
import { freePort } from '../support/free-port';
import { exit, startSshScript } from '../support/ssh-script';
import type { ExecCall, SshScript } from '../support/ssh-script';
import { failureOf } from './failure-of';
import type { OurFailure } from './failure-of';
import { hostsOf } from './mock-step';
import { categoryOf, mockLooks } from './mock-look';
import type { MockLook } from './mock-look';

const INPUT = { host: 'box', command: 'probe', every: '3s' } as const;
const BEGUN = 1_000_000;

/** Writes to both streams and exits. */
const answer =
  (code: number) =>
  ({ accept }: ExecCall): void => {
    const channel = accept();
    channel.stderr.write('why\n');
    channel.write('body\n', () => exit(channel, code));
  };

const unhealthy = ({ details }: OurFailure): SshFailureDetails & SshUnhealthyDetails =>
  details as unknown as SshFailureDetails & SshUnhealthyDetails;

/** The last heartbeat of a look, which its failure takes along. */
const handedOn = (look: MockLook<unknown>): Readonly<Record<string, unknown>> => look.heartbeats.at(-1) ?? {};

void test('without a soak: one good look, and what it wrote', async (t) => {
  const script = await startSshScript({ t, onExec: answer(0) });
  const look = mockLooks({ hosts: hostsOf(script) });
  const result = await assertNothingLeft(async () => look('sshHealthy', INPUT).result);
  assert.deepEqual(result, { host: 'box', looks: 1, healthyForMs: result.healthyForMs, exitCode: 0, stdout: 'body\n' });
});

void test('a soak: the time from the first good look on, by the clock of the server', async (t) => {
  const script = await startSshScript({ t, onExec: answer(0) });
  const look = mockLooks({ hosts: hostsOf(script) });
  const input = { ...INPUT, soak: '10s' };
  const first = look('sshHealthy', input, { currentAttemptScheduledTimestampMs: BEGUN });
  const failure = await failureOf(first.result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.delayMs], ['SshUnhealthy', false, 3_000]);
  assert.equal(await categoryOf(first.result), ApplicationFailureCategory.BENIGN);
  assert.match(failure.message, /is healthy for 0 ms of 10000 ms \(look 1\)/);
  const { exitCode, stdoutTail, stderrTail, looks, healthyForMs } = unhealthy(failure);
  assert.deepEqual([exitCode, stdoutTail, stderrTail, looks, healthyForMs], [0, 'body', 'why', 1, 0]);

  const last = handedOn(first);
  assert.deepEqual([last['looks'], last['badLooks']], [1, 0]);
  const since = last['healthySinceMs'] as number;
  assert.ok(since >= BEGUN && since < BEGUN + 60_000);
  const at = (ms: number): object => ({ heartbeatDetails: last, attempt: 2, currentAttemptScheduledTimestampMs: ms });
  const nearly = await failureOf(look('sshHealthy', input, at(since + 8_000)).result);
  assert.ok((nearly.delayMs ?? 0) <= 2_000, 'the last look comes when the soak is over');
  const result = await look('sshHealthy', input, at(since + 10_000)).result;
  assert.ok(result.healthyForMs >= 10_000);
  assert.equal(result.looks, 2);
});

void test('a bad look ends a soak; its cause is what it failed with', async (t) => {
  const script = await startSshScript({ t, onExec: answer(3) });
  const look = mockLooks({ hosts: hostsOf(script) });
  const heartbeatDetails = { phase: 'run', looks: 5, badLooks: 0, healthySinceMs: BEGUN };
  const bad = look('sshHealthy', { ...INPUT, soak: '1h' }, { heartbeatDetails });
  const failure = await failureOf(bad.result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.delayMs], ['SshUnhealthy', false, 3_000]);
  assert.equal(await categoryOf(bad.result), ApplicationFailureCategory.BENIGN);
  assert.match(failure.message, /^Look 6 found it unhealthy: .*exit code 3/);
  const { exitCode, stdoutTail, stderrTail, looks, healthyForMs } = unhealthy(failure);
  assert.deepEqual([exitCode, stdoutTail, stderrTail, looks, healthyForMs], [3, 'body', 'why', 6, 0]);
  assert.equal(failure.cause?.type, 'SshExitStatus');
  assert.deepEqual(handedOn(bad), { phase: 'run', looks: 6, badLooks: 1 });
});

void test('exit codes that are given mean healthy; stdin, env and cwd reach the command', async (t) => {
  const script = await startSshScript({ t, onExec: answer(3) });
  const look = mockLooks({ hosts: hostsOf(script) });
  const input = { ...INPUT, okExitCodes: [3], stdin: 'x', env: { A: 'b' }, cwd: '/srv' };
  assert.equal((await look('sshHealthy', input).result).exitCode, 3);
  assert.match(script.commands[0] ?? '', /^exec env A=b \/bin\/sh -c .*cd \/srv.*probe/);
});

void test('a signal is a bad look', async (t) => {
  const script = await startSshScript({
    t,
    onExec: ({ accept }) => {
      const channel = accept();
      channel.exit('KILL');
      channel.end();
    },
  });
  const failure = await failureOf(mockLooks({ hosts: hostsOf(script) })('sshHealthy', INPUT).result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.cause?.type], ['SshUnhealthy', false, 'SshExitSignal']);
});

void test('failed connections are bad looks; a host that is left alone is not looked at, and ends the soak', async (t) => {
  const script = await startSshScript({ t });
  const look = mockLooks({ hosts: hostsOf(script, { port: await freePort() }) });
  let heartbeatDetails: unknown = { phase: 'run', looks: 1, badLooks: 0, healthySinceMs: BEGUN };
  const types: unknown[] = [];
  for (let attempt = 2; attempt <= 4; attempt += 1) {
    const next = look('sshHealthy', INPUT, { attempt, heartbeatDetails });
    const failure = await failureOf(next.result);
    assert.deepEqual([failure.type, failure.nonRetryable], ['SshUnhealthy', false]);
    types.push(failure.cause?.type);
    heartbeatDetails = handedOn(next);
  }
  assert.deepEqual(types, ['SshConnectRefused', 'SshConnectRefused', 'SshHostCoolingDown']);
  const { looks, badLooks, healthySinceMs } = heartbeatDetails as Record<string, unknown>;
  assert.deepEqual([looks, badLooks, healthySinceMs], [3, 2, undefined]);
});

void test('failAfter bad looks in a row are terminal', async (t) => {
  const script = await startSshScript({ t, onExec: answer(1) });
  const look = mockLooks({ hosts: hostsOf(script) });
  const input = { ...INPUT, failAfter: 2 };
  const first = look('sshHealthy', input);
  assert.equal((await failureOf(first.result)).nonRetryable, false);
  const second = await failureOf(look('sshHealthy', input, { heartbeatDetails: handedOn(first) }).result);
  assert.deepEqual([second.type, second.nonRetryable, second.delayMs], ['SshUnhealthy', true, undefined]);
});

void test('what does not pass by itself is terminal, and of its own type', async (t) => {
  const refusing: SshScript = await startSshScript({ t, onAuth: (context) => context.reject() });
  const failure = await failureOf(mockLooks({ hosts: hostsOf(refusing) })('sshHealthy', INPUT).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshAuthFailed', true]);
});

void test('details of another activity, or of nobody, are no looks', async (t) => {
  const script = await startSshScript({ t, onExec: answer(0) });
  const look = mockLooks({ hosts: hostsOf(script) });
  for (const heartbeatDetails of [null, 'text', { looks: -1, healthySinceMs: 'x' }]) {
    assert.equal((await look('sshHealthy', INPUT, { heartbeatDetails }).result).looks, 1);
  }
});

void test('bad options: all at once', async (t) => {
  const script = await startSshScript({ t });
  const input = { ...INPUT, soak: -1, failAfter: 0, every: 'x', pty: true };
  const failure = await failureOf(mockLooks({ hosts: hostsOf(script) })('sshHealthy', input).result);
  assert.equal(failure.type, 'SshInvalidOptions');
  for (const option of ['soak', 'failAfter', 'every', 'pty']) assert.match(failure.message, new RegExp(`${option}: `));
  assert.equal(script.sockets.length, 0);
});
