import { ActivityCancellationType } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import { DEFAULT_HEARTBEAT_TIMEOUT_MS, parseDuration, resolveDeadlines, setUpLimitMs } from '../contract';
import type { SshExecOptions } from '../contract';

const INITIAL_INTERVAL_MS = 5_000;
const MAXIMUM_INTERVAL_MS = 120_000;

// The server's own timeout is only for a worker that still beats but no longer works: far behind our deadlines, also
// those that a host has in the hosts file, which the workflow does not know.
const MARGIN_MS = 15 * 60_000;
const UNLIMITED_RUN_MS = 365 * 24 * 3_600_000;

const MAX_SUMMARY_LENGTH = 200;

/**
 * Failures that are not the activity's own: whether the command ran by then, nobody knows. The timeouts come from the
 * server, when a worker died; `CancelledFailure` takes the place of whatever the activity fails with once the SDK could
 * not encode one of its heartbeats (a payload codec that failed).
 */
const LOST_ATTEMPTS: readonly string[] = [
  'TemporalTimeout:StartToClose',
  'TemporalTimeout:Heartbeat',
  'CancelledFailure',
];

/** The activity options of an exec, from options that were checked. */
export function execActivityOptions(host: string, options: SshExecOptions): ActivityOptions {
  const {
    timeouts,
    idempotent = false,
    once = false,
    deadline,
    heartbeatTimeout,
    taskQueue,
    summary = 'exec',
  } = options;
  const deadlines = resolveDeadlines(timeouts);
  const deadlineMs = parseDuration(deadline);
  return {
    startToCloseTimeout: setUpLimitMs(deadlines) + (deadlines.run ?? UNLIMITED_RUN_MS) + MARGIN_MS,
    ...(deadlineMs !== undefined && {
      scheduleToCloseTimeout: deadlineMs,
      // A little earlier, so that a step that no worker took is told apart from one that was cut off.
      scheduleToStartTimeout: Math.max(1, deadlineMs - Math.min(1_000, Math.ceil(deadlineMs / 10))),
    }),
    heartbeatTimeout: parseDuration(heartbeatTimeout) ?? DEFAULT_HEARTBEAT_TIMEOUT_MS,
    // With the SDK's default the workflow would go on before the command has been ended.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: retryPolicy(options.retry, idempotent || once),
    ...(taskQueue !== undefined && { taskQueue }),
    summary: `${summary} on ${host}`.slice(0, MAX_SUMMARY_LENGTH),
  };
}

/** The retry policy of a step that can be repeated whatever became of an attempt. */
export function jobRetryPolicy(retry: RetryPolicy | undefined): RetryPolicy {
  return retryPolicy(retry, true);
}

function retryPolicy(retry: RetryPolicy | undefined, idempotent: boolean): RetryPolicy {
  const given = { initial: parseDuration(retry?.initialInterval), maximum: parseDuration(retry?.maximumInterval) };
  // The SDK throws a TypeError where the maximum is below the initial interval: a given one moves the other's default.
  const initialInterval = given.initial ?? Math.min(INITIAL_INTERVAL_MS, given.maximum ?? Infinity);
  const maximumInterval = given.maximum ?? Math.max(initialInterval, MAXIMUM_INTERVAL_MS);
  const nonRetryableErrorTypes = [...(retry?.nonRetryableErrorTypes ?? []), ...(idempotent ? [] : LOST_ATTEMPTS)];
  return {
    ...retry,
    initialInterval,
    backoffCoefficient: retry?.backoffCoefficient ?? 2,
    maximumInterval,
    ...(nonRetryableErrorTypes.length > 0 && { nonRetryableErrorTypes }),
  };
}
