import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshExecResult } from '../../contract';
import { startTemporal } from '../support/temporal';
import { until } from '../worker/processes';
import { inTime, noTemporal, outcomeOf, useGround } from './ground';
import { useJobHost } from './job-host';
import { startWorkerProcess } from './worker-process';
import type { WorkerProcess } from './worker-process';

void describe('once, with an interruption in the middle of the command', { skip: noTemporal, timeout: 180_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/jobs'));
  const host = useJobHost();

  /** What a test does while the command runs. */
  interface Middle {
    readonly worker: WorkerProcess;
    readonly restartWorker: () => Promise<WorkerProcess>;
  }

  /** Runs a command that tells of each run and ends when told to; `interrupt` happens in the middle. */
  async function interrupted(
    t: TestContext,
    name: string,
    temporal: Pick<typeof ground.temporal, 'address' | 'client' | 'taskQueue'>,
    interrupt: (middle: Middle) => Promise<WorkerProcess | undefined>
  ): Promise<SshExecResult> {
    const file = host.path(name);
    const taskQueue = temporal.taskQueue();
    const hosts = host.write(`${name}-hosts.json`, JSON.stringify(host.hosts));
    const codePath = host.write(`${name}-bundle.js`, ground.workflowBundle.code);
    const restartWorker = async (): Promise<WorkerProcess> =>
      startWorkerProcess({ address: temporal.address, taskQueue, codePath, hosts }, { t });
    const worker = await restartWorker();
    const command = `echo $$ >> ${file}; while [ ! -e ${file}.end ]; do sleep 0.1; done; cat ${file}`;
    const input = { host: 'box', command, once: true, heartbeatTimeout: '3s', retry: { initialInterval: '1s' } };
    const handle = await temporal.client.workflow.start('sshCommand', {
      taskQueue,
      workflowId: name,
      workflowExecutionTimeout: 90_000,
      args: [input],
    });
    await until('the command runs', () => host.lines(name).length === 1);
    const last = (await interrupt({ worker, restartWorker })) ?? worker;
    host.write(`${name}.end`, '');
    const { result, error } = await outcomeOf(handle);
    await last.stop();
    assert.equal(error, undefined);
    assert.equal(host.lines(name).length, 1, 'the command ran more than once');
    assert.equal((result as SshExecResult).stdout, `${host.lines(name).join()}\n`);
    return result as SshExecResult;
  }

  void test('SIGKILL of the worker: the next one returns the result of the first run', async (t) => {
    const { attempt } = await interrupted(t, 'killed', ground.temporal, async ({ worker, restartWorker }) => {
      await worker.kill();
      return restartWorker();
    });
    assert.equal(attempt, 2);
  });

  void test('SIGKILL of the worker, and the command ends while there is none', async (t) => {
    const { attempt } = await interrupted(t, 'ended-alone', ground.temporal, async ({ worker, restartWorker }) => {
      await worker.kill();
      host.write('ended-alone.end', '');
      const [id = ''] = host.ids().filter((name) => name.startsWith('ended-alone.'));
      await until('the job has ended', () => host.end(id) === 'E.0');
      return restartWorker();
    });
    assert.equal(attempt, 2);
  });

  void test('a cut connection', async (t) => {
    const { attempt } = await interrupted(t, 'cut', ground.temporal, async () => {
      const before = host.proxy.connections;
      host.proxy.rst();
      await until('another connection is made', () => host.proxy.connections > before);
      return undefined;
    });
    assert.equal(attempt, 2);
  });

  void test('the Temporal server is killed, and starts again', async (t) => {
    const temporal = await startTemporal({ t, durable: true });
    await interrupted(t, 'server', temporal, async () => {
      await inTime(temporal.restart());
      return undefined;
    });
  });
});
