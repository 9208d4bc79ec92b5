import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { SshExecHeartbeat, SshFailureDetails, SshStage } from '../contract';

/**
 * Makes `SshOutcomeUnknown` of a failure that is not the activity's own, for a step that must not run twice.
 *
 * The worker died, was cut off, or could not encode a heartbeat: whether the command was sent by then, nobody knows. The
 * last heartbeat is told as a hint; it may be older than what happened. Any other error is returned as it is.
 */
export function withOutcome(error: unknown, host: string, idempotent: boolean): unknown {
  if (idempotent || !(error instanceof ActivityFailure)) return error;
  const lost = lostAttempt(error.cause);
  if (lost === undefined) return error;
  const last = lost.heartbeat as Partial<SshExecHeartbeat> | undefined;
  const phase = last?.phase ?? 'unknown';
  const details: SshFailureDetails = {
    stage: (last?.phase as SshStage | undefined) ?? 'config',
    host,
    elapsedMs: 0,
    commandMayHaveRun: true,
  };
  const cause = ApplicationFailure.create({
    type: 'SshOutcomeUnknown',
    message:
      `${host}: ${lost.what}, and the command may have run ` +
      `(last known stage: ${phase}). It is not idempotent, so it was not sent again. Find out on the host whether it ran, ` +
      'then start the step again or go on; mark steps that may run twice as idempotent.',
    nonRetryable: true,
    details: [details],
    ...(error.cause && { cause: error.cause }),
  });
  const { activityType, activityId, retryState, identity } = error;
  return new ActivityFailure(error.message, activityType, activityId, retryState, identity, cause);
}

function lostAttempt(cause: Error | undefined): { what: string; heartbeat?: unknown } | undefined {
  if (cause instanceof TimeoutFailure && cause.timeoutType !== 'SCHEDULE_TO_START') {
    const what = `the worker that ran this step no longer answers (${String(cause.timeoutType)})`;
    return { what, heartbeat: cause.lastHeartbeatDetails };
  }
  // The SDK puts this in the place of the activity's own failure.
  if (cause instanceof ApplicationFailure && cause.type === 'CancelledFailure') {
    return { what: `the worker could not encode a heartbeat (${cause.message}), which hides how this step ended` };
  }
  return undefined;
}
