import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';
import { SimplePlugin } from '@temporalio/plugin';
import { DefaultLogger, NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { sshFailureOf } from '../../contract';
import { SshError, SshPlugin } from '../../worker';
import { hostsOf } from '../activities/mock-step';
import { eventsOf, noTemporal, outcomeOf, useGround } from '../e2e/ground';
import { makeScratch } from '../support/scratch';
import { exit, startSshScript } from '../support/ssh-script';
import type { SshScript } from '../support/ssh-script';
import { EncryptingCodec } from './encrypting-codec';
import { until } from './processes';

const JOB_ACTIVITIES = ['sshJob', 'sshJobStatus', 'sshJobLog', 'sshJobCancel', 'sshJobCleanup'];
const LOOK_ACTIVITIES = ['sshReachable', 'sshHealthy', 'sshListHosts', 'sshCheck'];
const FILE_ACTIVITIES = ['sshUpload', 'sshDownload', 'sshPutFile', 'sshSync'];
const GATE_ACTIVITIES = ['sshGateRequest', 'sshGateHolders'];
const CANARY = 'canary-4d1e';

void describe('SshPlugin', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  let script: SshScript;
  before(async () => {
    script = await startSshScript({
      onExec: ({ command, accept }) => {
        const channel = accept();
        channel.write(CANARY, () => exit(channel, command === 'fail' ? 3 : 0));
      },
    });
  });
  after(() => script.stop());

  const step = (taskQueue: string, command = 'x'): Promise<Awaited<ReturnType<typeof outcomeOf>>> =>
    ground.execute('step', taskQueue, ['box', {}, command, { retry: { maximumAttempts: 1 } }]);

  void test('one instance serves two workers; the end of one does not concern the other', async () => {
    const plugins = [new SshPlugin({ hosts: hostsOf(script) })];
    await ground.withWorker({ plugins }, async (longer) => {
      await ground.withWorker({ plugins }, async (shorter) => {
        const both = await Promise.all([step(longer), step(shorter)]);
        for (const { result } of both) assert.equal((result as { stdout: string }).stdout, CANARY);
      });
      assert.equal(((await step(longer)).result as { exitCode: number }).exitCode, 0);
    });
  });

  void test('one instance on the connection and on the worker', async () => {
    const plugin = new SshPlugin({ hosts: hostsOf(script) });
    const connection = await NativeConnection.connect({ address: ground.temporal.address, plugins: [plugin] });
    try {
      for (const plugins of [[], [plugin]]) {
        await ground.withWorker({ connection, plugins }, async (queue) => {
          assert.equal(((await step(queue)).result as { exitCode: number }).exitCode, 0);
        });
      }
    } finally {
      await connection.close();
    }
  });

  void test("beside the user's plugin, activities, interceptors and an encrypting codec", async () => {
    const codec = new EncryptingCodec();
    const dataConverter = { payloadCodecs: [codec] };
    const calls: string[] = [];
    const theirs = new SimplePlugin({
      name: 'example.TheirPlugin',
      activities: { fromTheirPlugin: async (): Promise<string> => 'plugin' },
    });
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: require.resolve('../workflows/fixtures/steps'),
      workflowInterceptorModules: [require.resolve('./workflow-interceptors')],
      logger: new DefaultLogger('ERROR'),
    });
    const options: Partial<WorkerOptions> = {
      workflowBundle,
      dataConverter,
      plugins: [theirs, new SshPlugin({ hosts: hostsOf(script) })],
      activities: { mine: async () => 'mine' },
      interceptors: {
        activity: [
          ({ info }) => ({
            inbound: {
              execute: async (input, next) => {
                calls.push(info.activityType);
                return next(input);
              },
            },
          }),
        ],
      },
    };
    const client = new Client({ connection: ground.temporal.client.connection, dataConverter });
    await ground.withWorker(options, async (taskQueue) => {
      const start = (workflow: string, args: unknown[]): ReturnType<typeof client.workflow.start> =>
        client.workflow.start(workflow, { taskQueue, args, workflowId: ground.temporal.taskQueue() });
      const good = await outcomeOf(await start('sshCommand', [{ host: 'box', command: 'x' }]));
      assert.equal((good.result as { stdout: string }).stdout, CANARY);

      const handle = await start('sshCommand', [{ host: 'box', command: 'fail' }]);
      const { failure, error } = await outcomeOf(handle);
      assert.ok(error instanceof ActivityFailure);
      assert.equal(failure?.type, 'SshExitStatus', 'the type stays in the clear, for retry policies');
      assert.deepEqual([failure.details?.exitCode, failure.details?.stdoutTail], [3, CANARY]);

      const events = await eventsOf(handle);
      assert.doesNotMatch(JSON.stringify(events), new RegExp(`${CANARY}|${Buffer.from(CANARY).toString('base64')}`));
      const summaries = await codec.decode(events.flatMap(({ userMetadata }) => userMetadata?.summary ?? []));
      assert.deepEqual(
        summaries.map(({ data }) => String(data)),
        ['"traced: exec on box"']
      );
    });
    assert.deepEqual(calls, ['sshExec', 'sshExec']);
    assert.ok(codec.encoded >= 4);
  });

  void test('activities of the user and of other plugins stay', () => {
    const mine = async (): Promise<void> => undefined;
    const plugin = new SshPlugin({ hosts: { hosts: {} } });
    const configured = plugin.configureWorker({ taskQueue: 'q', activities: { mine } });
    assert.deepEqual(Object.keys(configured.activities ?? {}), [
      'mine',
      'sshExec',
      ...JOB_ACTIVITIES,
      ...LOOK_ACTIVITIES,
      ...FILE_ACTIVITIES,
      ...GATE_ACTIVITIES,
    ]);
    assert.equal((configured.activities as { mine: unknown }).mine, mine);
    assert.equal(configured.interceptors, undefined);
    assert.equal(configured.dataConverter, undefined);
    assert.equal(configured.workflowsPath, undefined);
  });

  void test('maxHeartbeatThrottleInterval is set only where the user has not', () => {
    const plugin = new SshPlugin({ hosts: { hosts: {} } });
    assert.equal(plugin.configureWorker({ taskQueue: 'q' }).maxHeartbeatThrottleInterval, '2s');
    const given = { taskQueue: 'q', maxHeartbeatThrottleInterval: '45s' } as const;
    assert.equal(plugin.configureWorker(given).maxHeartbeatThrottleInterval, '45s');
  });

  const create = async (options: Partial<WorkerOptions>): Promise<Worker> =>
    Worker.create({
      connection: ground.temporal.nativeConnection,
      workflowBundle: ground.workflowBundle,
      taskQueue: 'never-run',
      ...options,
    });

  void test('a name that is taken is an error when the worker is created, also by a second plugin', async () => {
    const hosts = { hosts: {} };
    const taken = /already has an activity named sshExec.*Rename yours, and give a worker no more than one SshPlugin/;
    const activities = { sshExec: async (): Promise<void> => undefined };
    await assert.rejects(create({ plugins: [new SshPlugin({ hosts })], activities }), taken);
    await assert.rejects(create({ plugins: [new SshPlugin({ hosts }), new SshPlugin({ hosts })] }), taken);
  });

  void test('a bad hosts file is an error when the worker is created, with all that is wrong; then it may be mended', async (t) => {
    const scratch = makeScratch({ t });
    const file = scratch.write(
      'hosts.yaml',
      [
        'hosts:',
        '  a: { address: 192.0.2.1, user: x, credential: gone }',
        '  b: { adress: 192.0.2.2, user: x }',
        '  c: { address: 192.0.2.3, port: 99999, user: x, credential: { privateKeyFile: none } }',
      ].join('\n')
    );
    const plugin = new SshPlugin({ hosts: file });
    await assert.rejects(create({ plugins: [plugin] }), (error) => {
      assert.ok(error instanceof SshError);
      assert.equal(error.type, 'SshConfigInvalid');
      for (const wrong of ['gone', 'adress', '99999', 'hosts.yaml'])
        assert.ok(error.message.includes(wrong), error.message);
      return true;
    });
    scratch.write('hosts.yaml', 'hosts: {}\n');
    const worker = await create({ plugins: [plugin] });
    await worker.runUntil(Promise.resolve());
  });

  void test('a client, a connection and a bundler do not read the hosts file', async () => {
    const plugins = [new SshPlugin({ hosts: join('/no', 'such', 'hosts.yaml') })];
    const connection = await Connection.connect({ address: ground.temporal.address, plugins });
    try {
      const client = new Client({ connection, plugins });
      await client.workflow.count();
    } finally {
      await connection.close();
    }
    const workflowsPath = require.resolve('../workflows/fixtures/steps');
    await bundleWorkflowCode({ workflowsPath, plugins, logger: new DefaultLogger('ERROR') });
    const native = await NativeConnection.connect({ address: ground.temporal.address, plugins });
    await native.close();
  });

  void test('a codec that fails for one heartbeat neither ends the command nor starts it again', async () => {
    const codec = new EncryptingCodec();
    let failures = 0;
    codec.fails = ({ data }) =>
      failures < 2 && /"phase":"run"/.test(Buffer.from(data ?? []).toString()) && (failures += 1) > 0;
    const ended: (() => void)[] = [];
    const slow = await startSshScript({
      onExec: ({ accept }) => {
        const channel = accept();
        ended.push(() => exit(channel, 0));
      },
    });
    try {
      const dataConverter = { payloadCodecs: [codec] };
      const plugins = [new SshPlugin({ hosts: hostsOf(slow) })];
      const client = new Client({ connection: ground.temporal.client.connection, dataConverter });
      await ground.withWorker({ dataConverter, plugins, maxHeartbeatThrottleInterval: 100 }, async (taskQueue) => {
        const handle = await client.workflow.start('sshCommand', {
          taskQueue,
          args: [{ host: 'box', command: 'x', heartbeatTimeout: '3s' }],
          workflowId: ground.temporal.taskQueue(),
          workflowExecutionTimeout: '30s',
        });
        await until('two heartbeats could not be encoded', () => failures >= 2);
        ended[0]?.();
        const { result, error } = await outcomeOf(handle);
        assert.equal((result as { exitCode: number } | undefined)?.exitCode, 0, String(sshFailureOf(error)?.message));
        assert.equal(slow.commands.length, 1);
      });
    } finally {
      await slow.stop();
    }
  });
});
