import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { SshExecResult, SshJobResult, SshJobStatus } from '../../contract';
import type { JobFollower, JobReport } from '../../ssh/job/job-client';
import { makeScratch } from '../support/scratch';
import { failureOf } from './failure-of';
import { exited, fakeJobs, report, sshError } from './fake-jobs';

const LIMIT = { timeout: 20_000 };
const INPUT = { host: 'box', id: 'j', command: 'make' } as const;
const TEXT = Buffer.from('0123456789abcdef');
const SUM = createHash('sha256').update(TEXT).digest('hex');

/** Hands on the rest of the text, in pieces of three bytes. */
async function tell({ cursor, onBytes }: JobFollower): Promise<JobReport> {
  for (let at = cursor.stdout; at < TEXT.length; at += 3) await onBytes('stdout', at, TEXT.subarray(at, at + 3));
  return exited(0, { stdoutBytes: TEXT.length });
}

/** Ends when its attempt is interrupted, as the engine does. */
async function hang(_what: unknown, follower: JobFollower, signal: AbortSignal): Promise<JobReport> {
  await follower.onBytes('stdout', 0, TEXT.subarray(0, 4));
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

async function beat(heartbeats: readonly { stdoutBytes: number }[]): Promise<void> {
  while (heartbeats.at(-1)?.stdoutBytes !== 4) await new Promise((resolve) => setImmediate(resolve));
}

void test('stream: runs the job, and hashes what it saw whole', LIMIT, async () => {
  const jobs = fakeJobs({ run: async (_request, follower) => tell(follower) });
  const result = await jobs.attempt<SshJobResult>('sshJob', { ...INPUT, maxOutputBytes: 5, deadline: '1m' }).result;
  assert.deepEqual([result.stdout, result.stdoutBytes, result.truncated], ['bcdef', 16, true]);
  assert.deepEqual([result.stdoutSha256, result.exitCode, result.attached, result.cleanedUp], [SUM, 0, false, false]);
  const [, request] = jobs.calls[0] ?? [];
  assert.deepEqual(request, {
    id: 'j',
    script: 'make',
    shell: '/bin/sh',
    env: {},
    graceMs: 10_000,
    deadlineMs: 60_000,
  });
});

void test('a retry reads on from a stale cursor: the files are exact, whatever is read twice', LIMIT, async (t) => {
  const scratch = makeScratch();
  t.after(() => scratch.remove());
  const logDirectory = join(scratch.path, 'logs');
  let cut = true;
  const cursors: unknown[] = [];
  const jobs = fakeJobs(
    {
      run: async (_request, follower) => {
        cursors.push(follower.cursor, follower.sums);
        if (!cut) return { ...(await tell(follower)), stdoutSha256: SUM };
        cut = false;
        await follower.onBytes('stdout', 0, TEXT.subarray(0, 9));
        throw sshError('SshConnectionLost');
      },
    },
    { logDirectory }
  );
  const input = { ...INPUT, maxOutputBytes: 2, sink: true };
  const failure = await failureOf(jobs.attempt('sshJob', input).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshConnectionLost', false]);
  const info = { attempt: 2, heartbeatDetails: { phase: 'run', stdoutBytes: 6, stderrBytes: 0 } };
  const result = await jobs.attempt<SshJobResult>('sshJob', input, info).result;
  assert.deepEqual(cursors, [{ stdout: 0, stderr: 0 }, false, { stdout: 4, stderr: 0 }, true]);
  assert.deepEqual([result.stdout, result.stdoutSha256], ['ef', SUM]);
  const file = join(logDirectory, 'box', 'j.out');
  assert.equal(readFileSync(file, 'utf8'), TEXT.toString());
  assert.deepEqual([statSync(file).mode & 0o777, statSync(join(file, '..')).mode & 0o777], [0o600, 0o700]);
});

void test('another worker, without the first part of the file, reads from the beginning', LIMIT, async (t) => {
  const scratch = makeScratch();
  t.after(() => scratch.remove());
  const jobs = fakeJobs({ run: async (_request, follower) => tell(follower) }, { logDirectory: scratch.path });
  const info = { attempt: 2, heartbeatDetails: { phase: 'run', stdoutBytes: 12, stderrBytes: 0 } };
  await jobs.attempt('sshJob', { ...INPUT, maxOutputBytes: 2, sink: true }, info).result;
  assert.equal(readFileSync(join(scratch.path, 'box', 'j.out'), 'utf8'), TEXT.toString());
});

void test('poll: a job that runs is a benign failure that says when to look again', LIMIT, async () => {
  const jobs = fakeJobs({ start: async () => report({ stdoutBytes: 7 }) });
  const { result } = jobs.attempt('sshJob', { ...INPUT, follow: 'poll', pollInterval: '2s' });
  const failure = await failureOf(result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.delayMs], ['SshJobStillRunning', false, 2_000]);
  assert.deepEqual([failure.details.stage, failure.details['stdoutBytes']], ['run', 7]);
  await assert.rejects(result, { category: ApplicationFailureCategory.BENIGN });
});

void test('poll: without an interval the looks come soon at first', LIMIT, async () => {
  const delays: (number | undefined)[] = [];
  for (const attempt of [1, 2, 5, 6, 1_000]) {
    const jobs = fakeJobs({ start: async () => report({}) });
    const { result } = jobs.attempt('sshJob', { ...INPUT, follow: 'poll' }, { attempt });
    delays.push((await failureOf(result)).delayMs);
  }
  assert.deepEqual(delays, [1_000, 2_000, 16_000, 30_000, 30_000]);
});

void test('poll: of a job that has ended only the end is read', LIMIT, async () => {
  const jobs = fakeJobs({
    start: async () => exited(0, { stdoutBytes: TEXT.length }),
    follow: async (_id, follower) => ({ ...(await tell(follower)), stdoutSha256: SUM, started: false }),
  });
  const input = { ...INPUT, follow: 'poll', maxOutputBytes: 4 };
  const result = await jobs.attempt<SshJobResult>('sshJob', input).result;
  assert.deepEqual([result.stdout, result.stdoutSha256, result.attached], ['cdef', SUM, false]);
});

void test('CANCELLED ends the job on the host, through failing connections, and then the activity', LIMIT, async () => {
  let tries = 0;
  const jobs = fakeJobs({
    run: hang,
    cancel: async () => {
      tries += 1;
      if (tries === 1) throw sshError('SshConnectionLost');
      return report({ state: 'done', signal: 'TERM', endReason: 'cancel', survivors: [] });
    },
  });
  const attempt = jobs.attempt('sshJob', { ...INPUT, killGrace: '3s' });
  await beat(attempt.heartbeats);
  attempt.interrupt('CANCELLED', { cancelRequested: true });
  await assert.rejects(attempt.result, (error) => error === attempt.reason);
  assert.deepEqual(
    jobs.calls.map(([operation]) => operation),
    ['run', 'cancel', 'cancel']
  );
  assert.deepEqual(jobs.calls[1]?.slice(1, 3), ['j', { reason: 'the activity was cancelled', graceMs: 3_000 }]);
});

for (const [name, cancel] of Object.entries({
  'processes are left': async () => report({ state: 'done', exitCode: 0, survivors: ['7(cc)'] }),
  'the host refuses': async () => Promise.reject(sshError('SshAuthFailed')),
  'the host is not reached in time': async () => Promise.reject(sshError('SshConnectionLost')),
})) {
  void test(`CANCELLED, and ${name}: SshJobCancelIncomplete, terminal`, LIMIT, async () => {
    const jobs = fakeJobs({ run: hang, cancel }, { cancelTimeout: 1 });
    const attempt = jobs.attempt('sshJob', { ...INPUT, killGrace: 1 });
    await beat(attempt.heartbeats);
    attempt.interrupt('CANCELLED', { cancelRequested: true });
    const failure = await failureOf(attempt.result);
    assert.deepEqual([failure.type, failure.nonRetryable], ['SshJobCancelIncomplete', true]);
  });
}

for (const [reason, details] of [
  ['WORKER_SHUTDOWN', { workerShutdown: true }],
  ['PAUSED', { paused: true }],
  ['RESET', { reset: true }],
  ['TIMED_OUT', { timedOut: true }],
  ['NOT_FOUND', { notFound: true }],
] as const) {
  void test(`${reason} leaves the job to go on`, LIMIT, async () => {
    const jobs = fakeJobs({ run: hang });
    const attempt = jobs.attempt('sshJob', INPUT);
    await beat(attempt.heartbeats);
    attempt.interrupt(reason, details);
    await assert.rejects(attempt.result, (error) => error === attempt.reason);
    assert.equal(jobs.calls.length, 1);
  });
}

void test('a lost job is SshOutcomeUnknown, with the loss as its cause', LIMIT, async () => {
  const jobs = fakeJobs({ run: async () => report({ state: 'lost-supervisor' }) });
  const failure = await failureOf(jobs.attempt('sshJob', INPUT).result);
  assert.deepEqual([failure.type, failure.cause?.type], ['SshOutcomeUnknown', 'SshJobLost']);
});

void test('an exit code that is no success has the whole result in its details', LIMIT, async () => {
  const jobs = fakeJobs({ run: async (_request, follower) => ({ ...(await tell(follower)), ...exited(3) }) });
  const { type, nonRetryable, details } = await failureOf(jobs.attempt('sshJob', INPUT).result);
  assert.deepEqual([type, nonRetryable, details.exitCode, details['stdout']], ['SshExitStatus', true, 3, String(TEXT)]);
});

void test('a job that was cleaned up after success is one still', LIMIT, async () => {
  const jobs = fakeJobs({ run: async () => report({ state: 'gone', exitCode: 0 }, { started: false }) });
  const result = await jobs.attempt<SshJobResult>('sshJob', INPUT).result;
  assert.deepEqual([result.cleanedUp, result.exitCode, result.stdoutSha256], [true, 0, null]);
});

void test('without a command it follows', LIMIT, async () => {
  const jobs = fakeJobs({ follow: async (_id, follower) => ({ ...(await tell(follower)), started: false }) });
  const result = await jobs.attempt<SshJobResult>('sshJob', { host: 'box', id: 'j' }).result;
  assert.equal(result.attached, true);
});

void test('bad options are refused before anything is asked', LIMIT, async () => {
  const jobs = fakeJobs({});
  for (const name of ['sshJob', 'sshJobStatus', 'sshJobLog', 'sshJobCancel', 'sshJobCleanup']) {
    const failure = await failureOf(jobs.attempt(name, { host: 'box', id: '../x' }).result);
    assert.deepEqual([failure.type, failure.nonRetryable], ['SshInvalidOptions', true], name);
  }
  const sink = await failureOf(jobs.attempt('sshJob', { ...INPUT, sink: true }).result);
  assert.equal(sink.type, 'SshConfigInvalid');
});

void test('status, log, cancel and cleanup are one request each', LIMIT, async () => {
  const bytes = Buffer.from('aé').subarray(0, 2);
  const jobs = fakeJobs({
    status: async () => report({ state: 'absent' }),
    log: async () => ({ from: 3, bytes, report: report({ stdoutBytes: 6 }) }),
    cancel: async () => report({ state: 'void' }),
    cleanUp: async () => Promise.reject(sshError('SshJobStillRunning')),
  });
  const reference = { host: 'box', id: 'j' };
  assert.equal((await jobs.attempt<SshJobStatus>('sshJobStatus', reference).result).state, 'absent');
  assert.equal((await jobs.attempt<SshJobStatus>('sshJobCancel', reference).result).state, 'void');
  assert.deepEqual(await jobs.attempt('sshJobLog', reference).result, {
    ...{ stream: 'stdout', from: 3, next: 4, size: 6, complete: false, text: 'a', invalidUtf8: false },
  });
  const failure = await failureOf(jobs.attempt('sshJobCleanup', reference).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshJobStillRunning', true]);
});

void test('once: an exec by way of a job, with the whole output and its deadline on the host', LIMIT, async () => {
  const jobs = fakeJobs({ run: async (_request, follower) => tell(follower) });
  const input = { host: 'box', command: 'x', once: 'j', maxOutputBytes: 64, timeouts: { run: '3s' } };
  const result = await jobs.attempt<SshExecResult>('sshExec', input).result;
  assert.deepEqual([result.stdout, result.stdoutSha256, result.exitCode], [String(TEXT), SUM, 0]);
  assert.equal((jobs.calls[0]?.[1] as { deadlineMs: number }).deadlineMs, 3_000);
});

void test('once: a lost connection is tried again, and no outcome is unknown', LIMIT, async () => {
  const jobs = fakeJobs({ run: async () => Promise.reject(sshError('SshConnectionLost')) });
  const failure = await failureOf(jobs.attempt('sshExec', { host: 'box', command: 'x', once: 'j' }).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshConnectionLost', false]);
});

for (const other of ['pty', 'idempotent']) {
  void test(`once and ${other}: SshInvalidOptions`, LIMIT, async () => {
    const input = { host: 'box', command: 'x', once: 'j', [other]: true };
    const failure = await failureOf(fakeJobs({}).attempt('sshExec', input).result);
    assert.equal(failure.type, 'SshInvalidOptions');
  });
}
