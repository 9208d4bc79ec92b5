import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { SshPlugin } from 'temporal-ssh';

/** A worker of one's own, with the SSH activities. */
export async function createWorker(connection: NativeConnection, taskQueue: string, hosts: string): Promise<Worker> {
  return Worker.create({
    connection,
    taskQueue,
    workflowsPath: require.resolve('./workflows'),
    plugins: [new SshPlugin({ hosts })],
  });
}
