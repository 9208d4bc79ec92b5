import type { Duration } from '@temporalio/common';
import { DURATION_EXPECTED, describeProblems, parseDuration, show } from '../contract';
import { configError } from '../ssh/ssh-error';

/** What a worker does about jobs. */
export interface SshJobSettings {
  /** Where jobs with `sink` are written: `<host>/<id>.out` and `.err`, mode 0600. @default none: `sink` is refused */
  readonly logDirectory?: string;
  /** How long a cancelled step tries to reach the host in order to end its job. @default '2m' */
  readonly cancelTimeout?: Duration;
  /** How long after a success its job is removed from the host. @default '5m' */
  readonly cleanupDelay?: Duration;
  /** What was kept on a host is removed so long after its end, at most once an hour. */
  readonly retention?: {
    /** Jobs that exited with 0. @default '1d' */
    readonly success?: Duration;
    /** All others. @default '7d' */
    readonly failure?: Duration;
    /** What keeps a late start from running a job again. @default '30d' */
    readonly tombstone?: Duration;
  };
}

/** {@link SshJobSettings} with all defaults applied, in milliseconds. */
export interface JobLimits {
  readonly logDirectory: string | undefined;
  readonly cancelMs: number;
  readonly cleanupDelayMs: number;
  readonly retention: { readonly successMs: number; readonly failureMs: number; readonly tombstoneMs: number };
}

const DAY_MS = 24 * 3_600_000;

/** The limits that the settings say. @throws {@link SshError} `SshConfigInvalid` */
export function jobLimits(settings: SshJobSettings = {}): JobLimits {
  const { logDirectory, cancelTimeout, cleanupDelay, retention = {} } = settings;
  return {
    logDirectory,
    cancelMs: ms('cancelTimeout', cancelTimeout, 120_000),
    cleanupDelayMs: ms('cleanupDelay', cleanupDelay, 300_000),
    retention: {
      successMs: ms('retention.success', retention.success, DAY_MS),
      failureMs: ms('retention.failure', retention.failure, 7 * DAY_MS),
      tombstoneMs: ms('retention.tombstone', retention.tombstone, 30 * DAY_MS),
    },
  };
}

function ms(option: string, value: Duration | undefined, byDefault: number): number {
  if (value === undefined) return byDefault;
  const given = parseDuration(value);
  if (given !== undefined) return given;
  const problem = { option: `jobs.${option}`, expected: DURATION_EXPECTED, found: show(value) };
  throw configError('SshConfigInvalid', '', describeProblems('the options of the SSH activities', [problem]));
}
