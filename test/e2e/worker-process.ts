import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';
import type { SshPluginOptions } from '../../worker';
import type { Owned } from '../support/test-owner';

/** What a worker process is given, as JSON. */
export interface WorkerProcessOptions {
  readonly address: string;
  readonly taskQueue: string;
  /** The file of the workflow bundle. */
  readonly codePath: string;
  /** The path of a hosts file. */
  readonly hosts: string;
  /** What transfers may use on the worker. @default nothing */
  readonly files?: SshPluginOptions['files'];
  readonly pool?: SshPluginOptions['pool'];
  readonly options?: Pick<WorkerOptions, 'shutdownGraceTime' | 'maxCachedWorkflows' | 'maxHeartbeatThrottleInterval'>;
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  /** All that it has written to stdout and stderr. */
  log(): string;
  /** The most memory that it ever held, in bytes (`VmHWM` of proc(5)). */
  peakMemory(): number;
  /** SIGKILL, as when a machine dies. */
  kill(): Promise<void>;
  /** Lets it end in order. */
  stop(): Promise<void>;
}

/** Starts a worker and waits until it takes tasks. */
export async function startWorkerProcess(
  options: WorkerProcessOptions,
  { t, env = {} }: Owned & { readonly env?: Readonly<Record<string, string>> } = {}
): Promise<WorkerProcess> {
  const child = fork(join(__dirname, 'worker-main.js'), [JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  t?.after(kill);
  await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error(`the worker ended at its start:\n${log}`);
    }),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error('the worker has no process');
  return {
    pid,
    log: () => log,
    peakMemory: () => {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Number(kilobytes) * 1024;
    },
    kill,
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
