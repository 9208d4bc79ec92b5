import type { Duration } from '@temporalio/common';
import { DURATION_EXPECTED, describeProblems, parseDuration, show } from '../contract';
import type { SshFilesOptions } from '../ssh/files/local/files-options';
import { configError } from '../ssh/ssh-error';
import { LONGEST_TIMEOUT_MS } from '../ssh/stage-clock';
import type { HostsSource } from '../ssh/hosts';
import type { PoolOptions } from '../ssh/pool/pool-options';
import type { SshJobSettings } from './job-settings';
import type { SshMetricsOptions } from './ssh-metrics';

/** What a worker needs to run SSH steps. */
export interface SshOptions {
  /**
   * The hosts that steps may name: the path of a hosts file, its content, or a function that looks a host up.
   * A file or an object is checked as a whole, with its credentials, before the worker starts.
   */
  readonly hosts: HostsSource;
  /** How connections are shared and kept. */
  readonly pool?: PoolOptions;
  /**
   * How long a command that must not run twice may go on after the worker was told to shut down and its
   * `shutdownGraceTime` has passed. Then it is asked to end, and the step fails as `SshOutcomeUnknown`.
   *
   * @default '30s'
   */
  readonly drainTimeout?: Duration;
  /** Jobs: logs on the worker, cancelling, and what is removed from hosts and when. */
  readonly jobs?: SshJobSettings;
  /** What transfers may read and write on the worker. Without it, only `putFile` can be used, without secrets. */
  readonly files?: SshFilesOptions;
  /** Metrics of steps, stages and connections, named in `docs/operations.md`. */
  readonly metrics?: SshMetricsOptions;
}

const DEFAULT_DRAIN_MS = 30_000;

/** The drain time of the options, in milliseconds. */
export function drainMs({ drainTimeout }: SshOptions): number {
  if (drainTimeout === undefined) return DEFAULT_DRAIN_MS;
  const ms = parseDuration(drainTimeout);
  if (ms !== undefined) return Math.min(ms, LONGEST_TIMEOUT_MS);
  const problem = { option: 'drainTimeout', expected: DURATION_EXPECTED, found: show(drainTimeout) };
  throw configError('SshConfigInvalid', '', describeProblems('the options of the SSH activities', [problem]));
}
