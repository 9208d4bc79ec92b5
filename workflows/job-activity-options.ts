import { ActivityCancellationType } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { DEFAULT_HEARTBEAT_TIMEOUT_MS, parseDuration } from '../contract';
import type { SshJobFollowOptions, SshStepOptions } from '../contract';
import { jobRetryPolicy } from './exec-activity-options';

const MINUTE_MS = 60_000;
const UNLIMITED_MS = 365 * 24 * 60 * MINUTE_MS;
// Reaching a slow host may take minutes; a look itself takes a moment.
const LOOK_MS = 10 * MINUTE_MS;
// Of the kill, the host is given the grace and its rounds of KILL; the rest is for a host that does not answer.
const CANCEL_MS = 10 * MINUTE_MS;

/** What the options of a job have for Temporal. */
export type JobStepOptions = Omit<SshStepOptions, 'deadline'> & Pick<SshJobFollowOptions, 'follow'>;

/** The activity options of a job. Everything about a job can be repeated, so that no failure of an attempt is excluded. */
export function jobActivityOptions(host: string, options: JobStepOptions): ActivityOptions {
  const { follow = 'stream' } = options;
  return { ...shared(host, options, 'job'), startToCloseTimeout: follow === 'poll' ? LOOK_MS : UNLIMITED_MS };
}

/** The activity options of one request about a job. */
export function jobRequestOptions(host: string, options: JobStepOptions, summary: string): ActivityOptions {
  return { ...shared(host, { ...options, summary }, summary), startToCloseTimeout: LOOK_MS };
}

/** The activity options of the cancel that follows a cancellation: it must end. */
export function jobCancelOptions(host: string, options: JobStepOptions): ActivityOptions {
  const { retry: _retry, ...others } = options;
  return { ...jobRequestOptions(host, others, 'cancel job'), scheduleToCloseTimeout: CANCEL_MS };
}

function shared(
  host: string,
  { retry, heartbeatTimeout, taskQueue, summary }: JobStepOptions,
  what: string
): ActivityOptions {
  return {
    heartbeatTimeout: parseDuration(heartbeatTimeout) ?? DEFAULT_HEARTBEAT_TIMEOUT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: jobRetryPolicy(retry),
    ...(taskQueue !== undefined && { taskQueue }),
    summary: `${summary ?? what} on ${host}`.slice(0, 200),
  };
}
