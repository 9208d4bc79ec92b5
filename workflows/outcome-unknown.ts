import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { SshExecHeartbeat, SshFailureDetails, SshStage } from '../contract';

/**
 * Makes `SshOutcomeUnknown` of a timeout that the Temporal server raised for a step that must not run twice.
 *
 * The worker died, or was cut off: whether it had sent the command by then, nobody knows. The last heartbeat is told as
 * a hint; it may be older than what happened. Any other error is returned as it is.
 */
export function withOutcome(error: unknown, host: string, idempotent: boolean): unknown {
  if (idempotent || !(error instanceof ActivityFailure) || !(error.cause instanceof TimeoutFailure)) return error;
  const timeout = error.cause;
  if (timeout.timeoutType === 'SCHEDULE_TO_START') return error;
  const last = timeout.lastHeartbeatDetails as Partial<SshExecHeartbeat> | undefined;
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
      `${host}: the worker that ran this step no longer answers (${String(timeout.timeoutType)}), and the command may have run ` +
      `(last known stage: ${phase}). It is not idempotent, so it was not sent again. Find out on the host whether it ran, ` +
      'then start the step again or go on; mark steps that may run twice as idempotent.',
    nonRetryable: true,
    details: [details],
    cause: timeout,
  });
  const { activityType, activityId, retryState, identity } = error;
  return new ActivityFailure(error.message, activityType, activityId, retryState, identity, cause);
}
