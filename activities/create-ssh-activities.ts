import { noopMetricMeter } from '@temporalio/common';
import { createHostDirectory } from '../ssh/hosts';
import { ConnectionPool } from '../ssh/pool/connection-pool';
import { poolLimits } from '../ssh/pool/pool-options';
import { createSshExec } from './ssh-exec';
import type { SshExec } from './ssh-exec';
import { createSshMetrics } from './ssh-metrics';
import { drainMs } from './ssh-options';
import type { SshOptions } from './ssh-options';

/** The activities by their names, as a worker registers them. */
export interface SshActivities {
  readonly sshExec: SshExec;
}

/** The activities with what they hold. */
export interface SshActivitiesWithPool {
  readonly activities: SshActivities;
  /** Closes all connections. The activities can be used again afterwards. */
  close(): Promise<void>;
}

/**
 * Makes the activities as a plain object, for `Worker.create({ activities })` without the plugin, or for Temporal's
 * `MockActivityEnvironment`. Credentials stay in its closure: no payload ever holds one.
 *
 * Connections that nothing uses end after `pool.idle`; they are no reason for a process to go on.
 *
 * @throws {@link SshError} `SshConfigInvalid` or `SshConfigUnsupported` with everything that is wrong, if the hosts are a
 * file or an object.
 */
export function createSshActivities(options: SshOptions): SshActivities {
  return createSshActivitiesWithPool(options).activities;
}

/** Like {@link createSshActivities}, for who can tell when the connections are not needed any more. */
export function createSshActivitiesWithPool(options: SshOptions): SshActivitiesWithPool {
  const { resolve } = createHostDirectory(options.hosts);
  const telemetry = createSshMetrics(options.metrics?.meter ?? noopMetricMeter, options.metrics);
  const pool = new ConnectionPool(poolLimits(options.pool), telemetry);
  return {
    activities: { sshExec: createSshExec({ resolve, pool, telemetry, drainMs: drainMs(options) }) },
    close: () => pool.close(),
  };
}
