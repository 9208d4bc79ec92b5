// One worker, in a process of its own so that the demo can kill it.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { SshPlugin } from 'temporal-ssh';

async function main([address = '', namespace = '', taskQueue = '', hosts = '']: readonly string[]): Promise<void> {
  // What fails is what the demo is about; it is told there.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('./workflows'),
    // The next worker should not wait for the one that was killed.
    stickyQueueScheduleToStartTimeout: '1s',
    // As in the workflow, the delays are short for those who watch.
    plugins: [new SshPlugin({ hosts, pool: { coolDown: '200ms', maxCoolDown: '200ms' } })],
  });
  // The demo ends this process by closing the channel, so that none is left if the demo itself is killed.
  process.once('disconnect', () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  process.on('SIGINT', () => undefined);
  const running = worker.run();
  process.send?.('ready');
  await running;
  await connection.close();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
