import {
  ActivityFailure,
  ApplicationFailure,
  DefaultFailureConverter,
  TimeoutFailure,
  defaultPayloadConverter,
} from '@temporalio/common';
import type { SshFailureDetails } from '../contract';

/** What did not come about before the deadline. */
export interface Awaited {
  readonly type: 'SshUnreachable' | 'SshUnhealthy';
  readonly host: string;
  readonly deadlineMs: number;
  /** Such as "was not reachable". */
  readonly what: string;
}

/**
 * Makes our failure of a deadline that passed between looks or in one, with the last look as its cause. Any other error is
 * returned as it is.
 *
 * The server ends such an activity by the last look's failure where the next look would have come too late, and by a
 * timeout, whose cause that failure is, where the deadline passed in the middle of a look.
 */
export function withDeadlinePassed(error: unknown, { type, host, deadlineMs, what }: Awaited): unknown {
  if (!(error instanceof ActivityFailure)) return error;
  const { cause, activityType, activityId, retryState, identity } = error;
  if (!(cause instanceof TimeoutFailure) && retryState !== 'TIMEOUT') return error;
  const last = cause instanceof TimeoutFailure ? beforeTimeout(cause) : cause;
  const looked = last instanceof ApplicationFailure ? last : undefined;
  const given = looked?.details?.[0] as SshFailureDetails | undefined;
  const nothing = { stage: 'config', host, elapsedMs: 0, commandMayHaveRun: false } as const;
  const saw = looked
    ? `The last look: ${looked.message}`
    : 'No look was finished: no worker took the activity, or it died meanwhile.';
  const failure = ApplicationFailure.create({
    type,
    message: `${host} ${what} within ${deadlineMs} ms. ${saw}`,
    nonRetryable: true,
    details: [{ ...nothing, ...given, limitMs: deadlineMs }],
    ...(last && { cause: last }),
  });
  return new ActivityFailure(error.message, activityType, activityId, retryState, identity, failure);
}

/** The failure before a timeout, or else the timeout itself. The SDK leaves it out of the error that it makes of one. */
function beforeTimeout(timeout: TimeoutFailure): Error {
  const before = timeout.failure?.cause;
  if (!before) return timeout;
  try {
    return new DefaultFailureConverter().failureToError(before, defaultPayloadConverter);
  } catch {
    // Its details were made by a payload converter of the worker's own.
    const { message, applicationFailureInfo } = before;
    return ApplicationFailure.create({ message: message ?? '', type: applicationFailureInfo?.type ?? 'Error' });
  }
}
