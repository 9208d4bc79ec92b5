import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isSshFailureType } from '../contract';
import type { AttemptOutcome, StepTelemetry } from './ssh-metrics';

/** Tells how an attempt of a step ended, whatever the end. */
export async function countAttempt<T>(
  telemetry: Pick<StepTelemetry, 'attemptEnded'>,
  attempt: () => Promise<T>
): Promise<T> {
  try {
    const result = await attempt();
    telemetry.attemptEnded('success');
    return result;
  } catch (error) {
    telemetry.attemptEnded(outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): AttemptOutcome {
  if (error instanceof CancelledFailure) return 'cancelled';
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return isSshFailureType(type) ? type : 'error';
}
