import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import type { SshJobResult } from '../../contract';
import { SshPlugin } from '../../worker';
import { until } from '../worker/processes';
import { noTemporal, outcomeOf, useGround } from './ground';
import { alive, identified, useJobHost } from './job-host';

void describe('a job whose activity is interrupted and not cancelled', { skip: noTemporal, timeout: 180_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/jobs'));
  const host = useJobHost();

  const waiting = (name: string): string =>
    `echo $$ >> ${host.path(name)}; while [ ! -e ${host.path(name)}.end ]; do sleep 0.1; done; echo ended`;

  async function begin(name: string, queue: string): Promise<WorkflowHandle> {
    const step = { heartbeatTimeout: '3s', retry: { initialInterval: '1s' } };
    const handle = await ground.start('sshJobRun', queue, [{ host: 'box', id: name, command: waiting(name), ...step }]);
    await until('the job runs', () => host.lines(name).length === 1);
    return handle;
  }

  const workerOptions = (): Partial<WorkerOptions> => ({
    plugins: [new SshPlugin({ hosts: host.hosts })],
    maxHeartbeatThrottleInterval: 200,
  });

  /** The job still runs, and nobody has asked it to end; then it ends by itself, and its result is told. */
  async function finish(name: string, handle: WorkflowHandle): Promise<SshJobResult> {
    const [job] = identified(host.lines(name));
    assert.ok(job && alive([job]).length === 1, 'the job has not gone on');
    assert.equal(host.record(name, 'cancel'), undefined);
    host.write(`${name}.end`, '');
    const { result, error } = await outcomeOf(handle);
    assert.equal(error, undefined);
    const { stdout, attached, exitCode } = result as SshJobResult;
    assert.deepEqual([stdout, attached, exitCode, host.lines(name).length], ['ended\n', true, 0, 1]);
    return result as SshJobResult;
  }

  void test('worker shutdown: it goes on, and the next worker finishes it', async () => {
    const taskQueue = ground.temporal.taskQueue();
    const create = async (): Promise<Worker> =>
      Worker.create({
        connection: ground.temporal.nativeConnection,
        workflowBundle: ground.workflowBundle,
        taskQueue,
        shutdownGraceTime: 100,
        stickyQueueScheduleToStartTimeout: '1s',
        ...workerOptions(),
      });
    const first = await create();
    const running = first.run();
    const handle = await begin('shutdown', taskQueue);
    first.shutdown();
    // The attempt lets go, or this would not end before the job.
    await running;
    const second = await create();
    const { attempt } = await second.runUntil(finish('shutdown', handle));
    assert.equal(attempt, 2);
  });

  void test('pause and unpause', async () => {
    await ground.withWorker(workerOptions(), async (queue) => {
      const handle = await begin('paused', queue);
      const { workflowService } = ground.temporal.client.connection;
      const { workflowId } = handle;
      const request = { namespace: 'default', execution: { workflowId }, id: '1', identity: 'operator' };
      await workflowService.pauseActivity(request);
      await until('the activity is paused', async () => {
        const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
        return pending?.paused === true && pending.attempt === 2;
      });
      await workflowService.unpauseActivity(request);
      await finish('paused', handle);
    });
  });

  void test('reset', async () => {
    await ground.withWorker(workerOptions(), async (queue) => {
      const handle = await begin('reset', queue);
      const first = host.proxy.open;
      const { workflowId } = handle;
      const request = { namespace: 'default', execution: { workflowId }, id: '1', identity: 'operator' };
      const pending = async () => (await handle.describe()).raw.pendingActivities?.[0];
      const startedAt = String((await pending())?.lastStartedTime?.seconds);
      await ground.temporal.client.connection.workflowService.resetActivity(request);
      await until('another attempt has begun', async () => {
        const now = String((await pending())?.lastStartedTime?.seconds);
        return now !== startedAt && now !== 'undefined';
      });
      assert.ok(first > 0);
      await finish('reset', handle);
    });
  });

  void test('terminate: nobody is told, and the job ends by its lease', async () => {
    await ground.withWorker(workerOptions(), async (queue) => {
      const command = `echo $$ >> ${host.path('leased')}; exec sleep 300`;
      const options = { lease: '10s', heartbeatTimeout: '3s' };
      const handle = await ground.start('sshJobRun', queue, [{ host: 'box', id: 'leased', command, ...options }]);
      await until('the job runs', () => host.lines('leased').length === 1);
      const processes = identified(host.lines('leased'));
      await handle.terminate();
      await until('the lease is over', () => host.record('leased', 'cancel') !== undefined);
      assert.match(host.record('leased', 'cancel') ?? '', /^lease:/);
      await until('the job is gone', () => alive(processes).length === 0);
      await until('how it ended is on record', () => host.end('leased') !== undefined);
    });
  });
});
