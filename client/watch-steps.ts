import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';

/** A step that is waiting for its next try. */
export interface StepRetry {
  readonly activityId: string;
  readonly activityType: string;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly failureType: string;
  readonly message: string;
  /** When the next attempt is due. */
  readonly nextTryAt: Date | undefined;
}

/** Options of {@link watchSteps}. */
export interface WatchStepsOptions {
  /** How often the server is asked. @default 1000 */
  readonly intervalMs?: number;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** Called for each failed attempt, once. */
  readonly onRetry: (retry: StepRetry) => void;
}

/**
 * Watches a running workflow for steps that failed and will be tried again, until the signal aborts.
 *
 * Attempts that failed between two looks are seen as one. Never fails: what it tells is only for people to see.
 */
export async function watchSteps(
  handle: Pick<WorkflowHandle, 'describe'>,
  { intervalMs = 1_000, signal, onRetry }: WatchStepsOptions
): Promise<void> {
  const told = new Map<string, number>();
  while (!signal.aborted) {
    for (const retry of await pendingRetries(handle)) {
      if (told.get(retry.activityId) === retry.attempt) continue;
      told.set(retry.activityId, retry.attempt);
      if (!signal.aborted) onRetry(retry);
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function pendingRetries(handle: Pick<WorkflowHandle, 'describe'>): Promise<StepRetry[]> {
  const description = await handle.describe().catch(() => undefined);
  return (description?.raw.pendingActivities ?? []).flatMap((activity) => {
    const { activityId, activityType, attempt, lastFailure, nextAttemptScheduleTime } = activity;
    if (!activityId || !lastFailure || !attempt || attempt < 2) return [];
    const failureType = lastFailure.applicationFailureInfo?.type ?? timeoutType(lastFailure) ?? 'unknown';
    return [
      {
        activityId,
        activityType: activityType?.name ?? '',
        attempt: attempt - 1,
        failureType,
        message: lastFailure.message ?? '',
        nextTryAt: toDate(nextAttemptScheduleTime),
      },
    ];
  });
}

function timeoutType(failure: { readonly timeoutFailureInfo?: object | null }): string | undefined {
  return failure.timeoutFailureInfo ? 'Timeout' : undefined;
}

function toDate(time: { seconds?: unknown; nanos?: number | null } | null | undefined): Date | undefined {
  if (!time?.seconds) return undefined;
  return new Date(Number(String(time.seconds)) * 1_000 + (time.nanos ?? 0) / 1e6);
}
