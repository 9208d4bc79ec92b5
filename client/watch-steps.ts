import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';

/** A step that is waiting for its next try. */
export interface StepRetry {
  readonly activityId: string;
  readonly activityType: string;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** One of our types, or `TemporalTimeout:Heartbeat` and the like when the server raised it. */
  readonly failureType: string;
  /** The stage that failed; unknown where the payloads are encrypted. */
  readonly stage: string | undefined;
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
    const { applicationFailureInfo, timeoutFailureInfo } = lastFailure;
    const failureType =
      applicationFailureInfo?.type ??
      (timeoutFailureInfo ? TIMEOUT_NAMES[timeoutFailureInfo.timeoutType ?? 0] : undefined);
    return [
      {
        activityId,
        activityType: activityType?.name ?? '',
        attempt: attempt - 1,
        failureType: failureType ?? 'unknown',
        stage: stageOf(applicationFailureInfo?.details?.payloads?.[0]?.data),
        message: lastFailure.message ?? '',
        nextTryAt: toDate(nextAttemptScheduleTime),
      },
    ];
  });
}

// By the numbers of `temporal.api.enums.v1.TimeoutType`.
const TIMEOUT_NAMES: Readonly<Record<number, string>> = {
  1: 'TemporalTimeout:StartToClose',
  2: 'TemporalTimeout:ScheduleToStart',
  3: 'TemporalTimeout:ScheduleToClose',
  4: 'TemporalTimeout:Heartbeat',
};

function stageOf(data: Uint8Array | null | undefined): string | undefined {
  if (!data) return undefined;
  try {
    const details = JSON.parse(Buffer.from(data).toString('utf8')) as { stage?: unknown };
    return typeof details.stage === 'string' ? details.stage : undefined;
  } catch {
    return undefined;
  }
}

function toDate(
  time: { seconds?: { toNumber(): number } | null; nanos?: number | null } | null | undefined
): Date | undefined {
  if (!time?.seconds) return undefined;
  return new Date(time.seconds.toNumber() * 1_000 + (time.nanos ?? 0) / 1e6);
}
