import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { SshProgress } from '../contract';
import { mergeChild } from './merge-child';
import { sshRunOutcomeOf } from './ssh-run-outcome';
import type { SshRunOutcome } from './ssh-run-outcome';
import { sshProgress } from './update-ssh-run';

// Of gRPC, whose package is not ours to import.
const status = { DEADLINE_EXCEEDED: 4, UNAVAILABLE: 14 };
const QUERY_LIMIT_MS = 10_000;

/** Options of {@link watchSshRun}. */
export interface WatchSshRunOptions {
  /** How often it is asked for. @default 1000 */
  readonly intervalMs?: number;
  /** Ends the watching; the run goes on. */
  readonly signal?: AbortSignal;
  /** Called with the first progress and with each that differs from the one before. */
  readonly onProgress?: (progress: SshProgress) => void;
  /** Called once when nobody answers, such as while no worker is there, and again after each time it came back. */
  readonly onAway?: (error: Error) => void;
}

/**
 * Follows a run until it ends, through each continue-as-new.
 *
 * Changes between two looks are seen as one. A worker that is away is waited for.
 *
 * @returns how it ended, with the last progress that was seen
 * @throws `WorkflowNotFoundError` where there is no such workflow; `signal.reason` once the signal aborts
 */
export async function watchSshRun(
  client: Client,
  workflowId: string,
  { intervalMs = 1_000, signal, onProgress, onAway }: WatchSshRunOptions = {}
): Promise<SshRunOutcome> {
  const handle = client.workflow.getHandle(workflowId);
  const over = new AbortController();
  const stop = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  let last: SshProgress | undefined;
  let text = '';
  const look = async (): Promise<void> => {
    const progress = await limited(client, stop, async () =>
      mergeChild(await sshProgress(handle), (id) => sshProgress(client.workflow.getHandle(id)))
    );
    const seen = JSON.stringify(progress);
    if (seen === text || signal?.aborted) return;
    [last, text] = [progress, seen];
    onProgress?.(progress);
  };
  const looking = async (): Promise<void> => {
    let away = false;
    while (!stop.aborted) {
      try {
        await look();
        away = false;
      } catch (error) {
        if (stop.aborted || error instanceof WorkflowNotFoundError) return;
        if (!away) onAway?.(error as Error);
        away = true;
      }
      await delay(intervalMs, undefined, { signal: stop }).catch(() => undefined);
    }
  };
  const looks = looking();
  try {
    const outcome = await ending(client, handle, { signal: stop, intervalMs });
    over.abort();
    await looks;
    if (outcome.progress) {
      if (JSON.stringify(outcome.progress) !== text) onProgress?.(outcome.progress);
      return outcome;
    }
    // A cancellation has no report with it.
    const progress = await limited(client, signal, () => sshProgress(handle)).catch(() => last);
    if (progress && JSON.stringify(progress) !== text) onProgress?.(progress);
    return { ...outcome, ...(progress && { progress }) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error;
  } finally {
    over.abort();
    await looks;
  }
}

async function ending(
  client: Client,
  handle: WorkflowHandle,
  { signal, intervalMs }: { readonly signal: AbortSignal; readonly intervalMs: number }
): Promise<SshRunOutcome> {
  for (;;) {
    try {
      const progress = (await abortable(client, signal, () => handle.result())) as SshProgress;
      return { end: 'succeeded', progress };
    } catch (error) {
      // A server that restarts; the looks tell that it is away.
      if (!isAway(error) || signal.aborted) return sshRunOutcomeOf(error);
      await delay(intervalMs, undefined, { signal });
    }
  }
}

function isAway(error: unknown): boolean {
  const away: readonly number[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED];
  return isGrpcServiceError(error) && away.includes(error.code);
}

async function limited<T>(client: Client, signal: AbortSignal | undefined, fn: () => Promise<T>): Promise<T> {
  const call = (): Promise<T> => client.withDeadline(Date.now() + QUERY_LIMIT_MS, fn);
  return signal ? abortable(client, signal, call) : call();
}

/** As `client.withAbortSignal`, which leaves a listener on the signal for each call: in days of looks too many. */
async function abortable<T>(client: Client, signal: AbortSignal, fn: () => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await client.withAbortSignal(own.signal, fn);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
