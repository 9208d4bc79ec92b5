import { NativeConnection } from '@temporalio/worker';
import type { NativeConnectionOptions, Worker } from '@temporalio/worker';
import { createSshWorker } from '../worker';
import type { SshWorkerOptions } from '../worker';
import { unreachable } from './connect-client';

/** A worker that runs until it is stopped. */
export interface RunningWorker {
  readonly worker: Worker;
  /** Resolves when the worker has ended; rejects when it failed. */
  readonly ended: Promise<void>;
  /** Asks the worker to end, and resolves when it has, with its connection closed. */
  stop(): Promise<void>;
}

/** Connects and runs a worker. */
export async function runWorker(
  connectionOptions: NativeConnectionOptions,
  options: Omit<SshWorkerOptions, 'connection'>
): Promise<RunningWorker> {
  const connection = await NativeConnection.connect(connectionOptions).catch((cause: unknown) => {
    throw unreachable(connectionOptions.address, cause);
  });
  const worker = await createSshWorker({ ...options, connection }).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const ended = worker.run().finally(() => connection.close());
  return {
    worker,
    ended,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}
