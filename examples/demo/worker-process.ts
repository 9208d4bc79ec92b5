import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  /** SIGKILL: no goodbye, as when a machine dies. */
  kill(): Promise<void>;
  /** Lets it end in order. */
  stop(): Promise<void>;
}

/** Starts a worker and waits until it takes steps. */
export async function startWorkerProcess(args: readonly string[]): Promise<WorkerProcess> {
  const child = fork(join(__dirname, 'worker.js'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`The worker ended at its start with exit code ${String(code)}.`);
    }),
  ]);
  return {
    pid: child.pid as number,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: () => stopInOrder(child, exited),
  };
}

async function stopInOrder(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const impatient = setTimeout(() => child.kill('SIGKILL'), 15_000);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(impatient);
}
