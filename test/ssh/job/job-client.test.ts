import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshJobStream } from '../../../contract';
import { createJobClient } from '../../../ssh/job/create-job-client';
import { jobFailure } from '../../../ssh/job/job-end';
import type { JobClient, JobFollower, JobRequest } from '../../../ssh/job/job-client';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { PATIENT, checkFailure, targetOf } from '../support/engine';

const NO_HOME = { HOME: '/nonexistent' };

async function ground(t: TestContext, env: Readonly<Record<string, string>> = NO_HOME) {
  const jobDirectory = `${makeScratch({ t }).path}/jobs`;
  const target = targetOf(await startSshd({ t, env }), { jobDirectory, shareKey: 'host' });
  const pool = new ConnectionPool(poolLimits());
  t.after(() => pool.close());
  const client: JobClient = createJobClient(pool, target, { deadlines: PATIENT });
  return { client, target, pool };
}

function job(script: string, parts: Partial<JobRequest> = {}): JobRequest {
  return { id: 'job-1', script, shell: '/bin/sh', env: {}, graceMs: 1_000, ...parts };
}

class Reader implements JobFollower {
  readonly read = { stdout: '', stderr: '' };
  readonly cursor: { stdout: number; stderr: number };

  constructor(cursor = { stdout: 0, stderr: 0 }) {
    this.cursor = cursor;
  }

  onBytes(stream: SshJobStream, _offset: number, bytes: Buffer): void {
    this.read[stream] += bytes.toString();
  }
}

const caught = (error: unknown): unknown => error;

void test('a job runs once, and each later request finds it', async (t) => {
  const { client, target } = await ground(t);
  const request = job('echo "out $A"; echo err >&2; cat; exit 7', { env: { A: "it's" }, stdin: 'in' });
  const first = new Reader();
  const report = await client.run(request, first);
  assert.deepEqual(first.read, { stdout: "out it's\nin", stderr: 'err\n' });
  assert.equal(report.started, true);
  assert.deepEqual([report.status.state, report.status.exitCode], ['done', 7]);
  assert.equal(report.hostKeyFingerprint.startsWith('SHA256:'), true);
  const failure = jobFailure(report, { target, elapsedMs: 1 });
  assert.deepEqual([failure?.type, failure?.details.exitCode], ['SshExitStatus', 7]);

  const again = new Reader({ stdout: 4, stderr: 4 });
  const second = await client.run(request, again);
  assert.deepEqual([second.started, again.read], [false, { stdout: "it's\nin", stderr: '' }]);
  const conflict = await client.start({ ...request, script: 'true' }).catch(caught);
  checkFailure(conflict, target, { type: 'SshJobConflict', stage: 'run' });
  assert.deepEqual(
    (await client.list()).map(({ id, state }) => [id, state]),
    [['job-1', 'done']]
  );
  const { from, bytes } = await client.log('job-1', { stream: 'stdout', from: -2, length: 100 });
  assert.deepEqual([from, bytes.toString()], [9, 'in']);
  await client.cleanUp(['job-1']);
  const gone = await client.run(request, new Reader());
  assert.deepEqual([gone.status.state, gone.status.exitCode, gone.started], ['gone', 7, false]);
  await client.sweep({ successMs: 0, failureMs: 0, tombstoneMs: 0 });
  assert.equal((await client.status('job-1')).status.state, 'absent');
});

void test('one connection for all requests, also after a failure that the host told', async (t) => {
  const { client, target, pool } = await ground(t);
  for (let round = 0; round < 3; round += 1) {
    const error = await client.follow('nothing', new Reader()).catch(caught);
    checkFailure(error, target, { type: 'SshJobNotFound', stage: 'run' });
    await client.status('nothing');
    const refused = await client.start(job('true', { shell: '/no/shell' })).catch(caught);
    checkFailure(refused, target, { type: 'SshJobStartFailed', stage: 'run' });
  }
  assert.equal(pool.size, 1);
});

void test('a cancelled job is proved to be gone', async (t) => {
  const { client, target } = await ground(t);
  const started = await client.start(job('sleep 1000'));
  assert.deepEqual([started.started, started.status.state], [true, 'running']);
  const { status } = await client.cancel('job-1', { reason: 'not wanted: 100%', graceMs: 1_000 });
  assert.deepEqual([status.state, status.survivors, status.cancelReason], ['done', [], 'not wanted: 100%']);
  const failure = jobFailure(await client.status('job-1'), { target, elapsedMs: 1 });
  assert.equal(failure?.type, 'SshJobCancelled');
});

void test('a reader that takes its time is waited for, and gets every byte', async (t) => {
  const { client } = await ground(t);
  const hash = createHash('sha256');
  let busy = 0;
  const report = await client.run(job('head -c 20000000 /dev/urandom'), {
    cursor: { stdout: 0, stderr: 0 },
    sums: true,
    onBytes: async (_stream, _offset, bytes) => {
      busy += 1;
      assert.equal(busy, 1);
      await new Promise(setImmediate);
      hash.update(bytes);
      busy -= 1;
    },
  });
  assert.equal(report.status.stdoutBytes, 20_000_000);
  assert.equal(hash.digest('hex'), report.stdoutSha256);
});

void test('what a reader throws ends the request, and not the job', async (t) => {
  const { client } = await ground(t);
  const thrown = new Error('the disk of the worker is full');
  const follower = { cursor: { stdout: 0, stderr: 0 }, onBytes: () => Promise.reject(thrown) };
  const error = await client.run(job('echo x; exec sleep 1000'), follower).catch(caught);
  assert.equal(error, thrown);
  assert.equal((await client.status('job-1')).status.state, 'running');
  assert.deepEqual((await client.cancel('job-1', { graceMs: 1_000 })).status.survivors, []);
});

void test('an abort ends the request, and not the job', async (t) => {
  const { client, target, pool } = await ground(t);
  const controller = new AbortController();
  const aborted = createJobClient(pool, target, { deadlines: PATIENT, signal: controller.signal });
  const reason = new Error('shutdown');
  const onBytes = (): void => controller.abort(reason);
  const error = await aborted
    .run(job('echo x; exec sleep 1000'), { cursor: { stdout: 0, stderr: 0 }, onBytes })
    .catch(caught);
  assert.equal(error, reason);
  assert.equal((await client.status('job-1')).status.state, 'running');
  await client.cancel('job-1', { graceMs: 1_000 });
});

void test('a login shell that does not answer', async (t) => {
  const jobDirectory = `${makeScratch({ t }).path}/jobs`;
  const target = targetOf(await startSshd({ t, env: NO_HOME, config: ['ForceCommand echo "no shell here"; exit 3'] }), {
    jobDirectory,
  });
  const pool = new ConnectionPool(poolLimits());
  t.after(() => pool.close());
  const error = await createJobClient(pool, target, { deadlines: PATIENT }).status('job-1').catch(caught);
  const { details } = checkFailure(error, target, { type: 'SshJobNoAnswer', stage: 'run' });
  assert.deepEqual([details.stdoutTail, details.exitCode], ['no shell here', 3]);
});

void test('200 MB of log are never held at once', async (t) => {
  const { client } = await ground(t);
  const before = process.memoryUsage().rss;
  let [read, most] = [0, 0];
  const report = await client.run(job('head -c 200000000 /dev/zero'), {
    cursor: { stdout: 0, stderr: 0 },
    onBytes: async (_stream, _offset, bytes) => {
      // What the host could send meanwhile must wait there.
      if (read === 0) for (let look = 0; look < 60; look += 1) await client.status('job-1');
      read += bytes.length;
      most = Math.max(most, process.memoryUsage().rss);
      await Promise.resolve();
    },
  });
  assert.deepEqual([read, report.status.stdoutBytes], [200_000_000, 200_000_000]);
  assert.ok(most - before < 100_000_000, `${most - before} bytes more`);
});
