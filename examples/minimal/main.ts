// Runs one workflow against one host: npm run minimal -- HOSTS_FILE HOST
// The Temporal server is the one at TEMPORAL_ADDRESS, or localhost:7233 (`temporal-ssh dev` starts one).
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createWorker } from './worker';
import { uname } from './workflows';

async function main(hosts = 'hosts.yaml', host = 'local'): Promise<void> {
  const address = process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233';
  const taskQueue = 'minimal';
  const [connection, native] = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
  try {
    const worker = await createWorker(native, taskQueue, hosts);
    const options = { taskQueue, workflowId: `uname-${randomUUID()}`, args: [host] as [string] };
    const stdout = await worker.runUntil(new Client({ connection }).workflow.execute(uname, options));
    process.stdout.write(stdout);
  } finally {
    await connection.close();
    await native.close();
  }
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
