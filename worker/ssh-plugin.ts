import { SimplePlugin } from '@temporalio/plugin';
import { Runtime } from '@temporalio/worker';
import type { Worker, WorkerOptions } from '@temporalio/worker';
import { createSshActivitiesWithPool } from '../activities';
import type { SshActivitiesWithPool, SshOptions } from '../activities';

/** Options of {@link SshPlugin}. */
export type SshPluginOptions = SshOptions;

// The server's answer to a heartbeat is how a cancellation reaches an activity. With the SDK's default of 60 s a command
// would go on for up to 24 s after its cancellation.
const MAX_HEARTBEAT_THROTTLE_INTERVAL = '2s';

/**
 * Adds the SSH activities to a worker.
 *
 * One instance may serve several workers, and may be given to a connection and a worker at once. It leaves alone what is
 * the user's: activities, workflows, data converter, codecs and interceptors. Of the worker's options it sets only
 * `maxHeartbeatThrottleInterval`, to 2 seconds, and only where it is not set.
 *
 * Workflows are not added: import them from `temporal-ssh/workflow` in your own workflow file.
 *
 * @throws {@link SshError} when a worker is created, `SshConfigInvalid` or `SshConfigUnsupported`, with everything that is
 * wrong in the hosts file. The hosts file is not read by a client, nor for bundling.
 */
export class SshPlugin extends SimplePlugin {
  #made: SshActivitiesWithPool | undefined;
  #running = 0;

  constructor(private readonly sshOptions: SshPluginOptions) {
    super({ name: 'temporal-ssh.SshPlugin' });
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const { activities: ours } = (this.#made ??= createSshActivitiesWithPool(this.#withMeter()));
    const theirs = (options.activities ?? {}) as Readonly<Record<string, unknown>>;
    for (const [name, activity] of Object.entries(ours)) {
      // The hook runs twice for a plugin that is on the connection too; that finds its own functions.
      if (theirs[name] === undefined || theirs[name] === activity) continue;
      throw new TypeError(
        `The worker already has an activity named ${name}, which temporal-ssh would replace. ` +
          'Rename yours, and give a worker no more than one SshPlugin.'
      );
    }
    return {
      ...super.configureWorker(options),
      activities: { ...theirs, ...ours },
      maxHeartbeatThrottleInterval: options.maxHeartbeatThrottleInterval ?? MAX_HEARTBEAT_THROTTLE_INTERVAL,
    };
  }

  #withMeter(): SshPluginOptions {
    // The worker that is being created has made sure of a runtime already.
    const meter = this.sshOptions.metrics?.meter ?? Runtime.instance().metricMeter;
    return { ...this.sshOptions, metrics: { ...this.sshOptions.metrics, meter } };
  }

  /** Closes the connections when the last worker that uses them has ended. */
  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    this.#running += 1;
    try {
      await super.runWorker(worker, next);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) await this.#made?.close();
    }
  }
}
