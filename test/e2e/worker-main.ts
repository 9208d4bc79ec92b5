// A worker with SshPlugin, in a process of its own: for tests that kill it, look at its memory, or at what it logs.
import { DefaultLogger, NativeConnection, Runtime, Worker, makeTelemetryFilterString } from '@temporalio/worker';
import { SshPlugin } from '../../worker';
import type { WorkerProcessOptions } from './worker-process';

async function main({
  address,
  taskQueue,
  codePath,
  hosts,
  files,
  pool,
  options,
}: WorkerProcessOptions): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('TRACE'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'DEBUG', other: 'WARN' }) } },
  });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath },
    // The next worker must not have to wait for this one.
    stickyQueueScheduleToStartTimeout: '1s',
    ...options,
    plugins: [new SshPlugin({ hosts, ...(files && { files }), ...(pool && { pool }) })],
  });
  // The channel closes when the test is over, and also when the test itself is killed.
  process.once('disconnect', () => worker.shutdown());
  const running = worker.run();
  process.send?.('ready');
  await running;
  await connection.close();
}

main(JSON.parse(process.argv[2] ?? '') as WorkerProcessOptions).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  }
);
