import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from '@temporalio/worker';
import type { SshExecResult } from '../../contract';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { makeScratch } from '../support/scratch';
import type { Scratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { until } from '../worker/processes';
import { noTemporal, outcomeOf, useGround } from './ground';
import type { Outcome } from './ground';
import { startWorkerProcess } from './worker-process';

/** Writes a line for each run. The first one goes on until it is ended; a second one would end at once. */
const counting = (file: string): string => `echo run >> ${file}; [ $(wc -l < ${file}) -ge 2 ] || exec sleep 60`;

void describe(
  'a worker that dies or is told to end in the middle of a command',
  { skip: noTemporal, timeout: 120_000 },
  () => {
    const ground = useGround(require.resolve('../workflows/fixtures/steps'));
    const scratch: Scratch = makeScratch();
    let sshd: RealSshd;
    let hosts: string;
    let codePath: string;
    before(async () => {
      sshd = await startSshd();
      const box = hostConfig(sshd, { user: sshd.user });
      hosts = scratch.write('hosts.json', JSON.stringify({ hosts: { box } }));
      codePath = scratch.write('bundle.js', ground.workflowBundle.code);
    });
    after(async () => {
      await sshd.stop();
      scratch.remove();
    });

    const runsIn = (file: string): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);

    /** Kills the worker while the command runs, and has another one take over. */
    async function killed(
      t: TestContext,
      name: string,
      workflow: string,
      args: (command: string) => readonly unknown[],
      seen: (heartbeat: string) => boolean = () => true
    ): Promise<{ readonly outcome: Outcome; readonly runs: number }> {
      const file = join(scratch.path, name);
      const taskQueue = ground.temporal.taskQueue();
      const options = { address: ground.temporal.address, taskQueue, codePath, hosts };
      const first = await startWorkerProcess(options, { t });
      const handle = await ground.start(workflow, taskQueue, args(counting(file)));
      await until('the command runs', () => runsIn(file) === 1);
      await until('the server knows', async () => {
        const { raw } = await handle.describe();
        const data = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data;
        return seen(Buffer.from(data ?? []).toString());
      });
      await first.kill();
      const second = await startWorkerProcess(options, { t });
      const outcome = await outcomeOf(handle);
      await second.stop();
      return { outcome, runs: runsIn(file) };
    }

    void test('not idempotent: one run, and the step ends as SshOutcomeUnknown', async (t) => {
      const { outcome, runs } = await killed(t, 'once', 'step', (command) => [
        'box',
        {},
        command,
        { heartbeatTimeout: '2s', retry: { initialInterval: '1s' } },
      ]);
      assert.equal(runs, 1);
      assert.equal(outcome.failure?.type, 'SshOutcomeUnknown');
      assert.equal(outcome.failure?.details?.commandMayHaveRun, true);
      assert.match(outcome.failure?.message ?? '', /no longer answers \(HEARTBEAT\)/);
    });

    void test('idempotent: it runs again, and succeeds', async (t) => {
      const { outcome, runs } = await killed(t, 'again', 'step', (command) => [
        'box',
        {},
        command,
        { heartbeatTimeout: '2s', idempotent: true, retry: { initialInterval: '1s' } },
      ]);
      assert.deepEqual([(outcome.result as SshExecResult).attempt, runs], [2, 2]);
    });

    void test("called by a workflow with Temporal's own retry policy: one run all the same", async (t) => {
      const { outcome, runs } = await killed(
        t,
        'foreign',
        'foreignStep',
        (command) => [{ host: 'box', command }, { heartbeatTimeout: '3s' }],
        (heartbeat) => /"phase":"(exec|run)"/.test(heartbeat)
      );
      assert.equal(runs, 1);
      assert.equal(outcome.failure?.type, 'SshOutcomeUnknown');
      assert.match(outcome.failure?.message ?? '', /an earlier attempt was cut off/);
    });

    /** Shuts the worker down while the command runs; it ends when the test says so. */
    async function drained(
      name: string,
      options: object
    ): Promise<{ readonly outcome: Outcome; readonly runs: number }> {
      const file = join(scratch.path, name);
      const taskQueue = ground.temporal.taskQueue();
      const create = async (): Promise<Worker> =>
        Worker.create({
          connection: ground.temporal.nativeConnection,
          workflowBundle: ground.workflowBundle,
          taskQueue,
          shutdownGraceTime: 300,
          plugins: [new SshPlugin({ hosts })],
        });
      const first = await create();
      const running = first.run();
      const command = `echo run >> ${file}; while [ ! -e ${file}.end ]; do sleep 0.1; done; echo ended`;
      const handle = await ground.start('step', taskQueue, [
        'box',
        {},
        command,
        { heartbeatTimeout: '5s', ...options },
      ]);
      await until('the command runs', () => runsIn(file) === 1);
      first.shutdown();
      const second = await create();
      return second.runUntil(async () => {
        // Longer than the grace time: from then on the activity knows.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        scratch.write(`${name}.end`, '');
        const outcome = await outcomeOf(handle);
        await running;
        return { outcome, runs: runsIn(file) };
      });
    }

    void test('a worker that shuts down lets a command go on that must not run twice, and tells its result', async () => {
      const { outcome, runs } = await drained('drained', {});
      const { stdout, attempt } = outcome.result as SshExecResult;
      assert.deepEqual([stdout, attempt, runs], ['ended\n', 1, 1]);
    });

    void test('an idempotent one is left to the next worker at once', async () => {
      const { outcome, runs } = await drained('moved', { idempotent: true, retry: { initialInterval: '1s' } });
      const { stdout, attempt } = outcome.result as SshExecResult;
      assert.deepEqual([stdout, attempt, runs], ['ended\n', 2, 2]);
    });
  }
);
