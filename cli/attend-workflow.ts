import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError, isGrpcServiceError } from '@temporalio/client';
import { TimeoutFailure } from '@temporalio/common';
import type { Duration } from '@temporalio/common';
import { watchSteps } from '../client';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';

// Where no worker is left, nobody takes the cancellation.
const CANCEL_LIMIT_MS = 30_000;
const WORKER_HINT_AFTER_MS = 5_000;

/** What is told where Temporal did not start a workflow. */
export function refusedStart(cause: unknown, workflowId: string | undefined): unknown {
  if (cause instanceof Error && cause.name === 'WorkflowExecutionAlreadyStartedError') {
    const message = `A workflow with the id ${String(workflowId)} runs already. Choose another --workflow-id.`;
    return new CliError(message, EXIT.usage, { cause });
  }
  if (!isGrpcServiceError(cause)) return cause;
  return new CliError(`Temporal refused the start: ${cause.details}`, EXIT.unavailable, { cause });
}

/** What went wrong with Temporal instead of the command; `undefined` for a defect of ours. */
export function troubleOf(
  error: unknown,
  { deadline, taskQueue }: { readonly deadline: Duration; readonly taskQueue: string }
): string | undefined {
  if (isGrpcServiceError(error)) {
    return `Temporal no longer answers (${error.details}). The workflow may still run; look at it when Temporal is back.`;
  }
  if (!(error instanceof WorkflowFailedError)) return undefined;
  const step = error.cause?.cause;
  if (error.cause instanceof TimeoutFailure || step instanceof TimeoutFailure) {
    return `Nothing came of it within --deadline ${deadline}: no worker of the task queue ${taskQueue} took it, or the one that did no longer answers.`;
  }
  return `The workflow failed: ${(step as Error | undefined)?.message ?? error.cause?.message ?? error.message}`;
}

/** Tells of attempts that failed and are made again. */
export function watchRetries(
  handle: WorkflowHandle,
  host: string,
  signal: AbortSignal,
  tell: (line: string) => void
): Promise<void> {
  return watchSteps(handle, {
    signal,
    onRetry: ({ attempt, failureType, message, nextTryAt }) => {
      const wait = nextTryAt
        ? `; next try in ${Math.max(0, Math.round((nextTryAt.getTime() - Date.now()) / 1_000))} s`
        : '';
      tell(`${host}: attempt ${attempt} failed: ${failureType}: ${message}${wait}`);
    },
  });
}

/** A workflow that nobody serves waits in silence; this says so. */
export async function hintAtWorkers(
  client: Client,
  taskQueue: string,
  signal: AbortSignal,
  tell: (line: string) => void
): Promise<void> {
  await delay(WORKER_HINT_AFTER_MS, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) return;
  const { namespace } = client.options;
  const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: 1 };
  const queue = await client.workflowService.describeTaskQueue(request).catch(() => undefined);
  if (signal.aborted || !queue || (queue.pollers?.length ?? 0) > 0) return;
  tell(
    `No worker polls the task queue ${taskQueue}. Start one: temporal-ssh worker --hosts hosts.yaml --task-queue ${taskQueue}`
  );
}

/** Ctrl-C cancels the workflow, a second one leaves it. Returns how to stop listening. */
export function cancelOnSignal(handle: WorkflowHandle, tell: (line: string) => void): () => void {
  let asked = false;
  let leave: NodeJS.Timeout | undefined;
  const onSignal = (): void => {
    if (asked) {
      tell(`Left the workflow ${handle.workflowId} to end by itself.`);
      process.exit(EXIT.interrupted);
    }
    asked = true;
    leave = setTimeout(() => {
      tell(`No worker has taken the cancellation of ${handle.workflowId}; it is left to end by itself.`);
      process.exit(EXIT.interrupted);
    }, CANCEL_LIMIT_MS);
    tell(`Cancelling ${handle.workflowId}; once more to leave without waiting.`);
    handle.cancel().catch((error: unknown) => tell(`The cancellation failed: ${(error as Error).message}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    clearTimeout(leave);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}
