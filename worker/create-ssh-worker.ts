import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import type { Duration } from '@temporalio/common';
import { SshPlugin } from './ssh-plugin';
import type { SshPluginOptions } from './ssh-plugin';

/** What {@link createSshWorker} takes. */
export interface SshWorkerOptions extends SshPluginOptions {
  readonly connection: NativeConnection;
  readonly namespace?: string;
  readonly taskQueue: string;
  /**
   * Your own workflow file; it has to re-export the ready-made workflows that you want.
   *
   * @default the ready-made workflows
   */
  readonly workflowsPath?: string;
  /** How long steps may go on after a shutdown was asked for. @default '10s' */
  readonly shutdownGraceTime?: Duration;
  /** How many steps run at once. @default 100 */
  readonly maxConcurrentSteps?: number;
}

/**
 * A worker with the SSH activities and the ready-made workflows, as `temporal-ssh worker` runs it.
 *
 * @throws {@link SshError} when the hosts file is wrong, with everything that is wrong in it.
 */
export function createSshWorker(options: SshWorkerOptions): Promise<Worker> {
  const {
    connection,
    namespace,
    taskQueue,
    workflowsPath,
    shutdownGraceTime = '10s',
    maxConcurrentSteps,
    ...ssh
  } = options;
  return Worker.create({
    connection,
    ...(namespace !== undefined && { namespace }),
    taskQueue,
    workflowsPath: workflowsPath ?? require.resolve('../workflows/ready-made'),
    shutdownGraceTime,
    ...(maxConcurrentSteps !== undefined && { maxConcurrentActivityTaskExecutions: maxConcurrentSteps }),
    plugins: [new SshPlugin(ssh)],
  });
}
