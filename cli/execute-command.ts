import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError, isGrpcServiceError } from '@temporalio/client';
import { CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { startSshCommand, watchSteps } from '../client';
import { parseDuration, sshFailureOf } from '../contract';
import type { SshCommandInput } from '../contract';
import { CliError } from './cli-error';
import { connectClient } from './connect-client';
import type { ExecFlags } from './exec-command';
import { EXIT } from './exit-codes';
import { reportEnd } from './report-end';

// After the step's own deadline, which says more than the workflow's.
const WORKFLOW_MARGIN_MS = 5_000;
// Where no worker is left, nobody takes the cancellation.
const CANCEL_LIMIT_MS = 30_000;
const WORKER_HINT_AFTER_MS = 5_000;

/** Runs one command through Temporal; returns the exit code for the process. */
export async function executeCommand(host: string, command: readonly string[], flags: ExecFlags): Promise<number> {
  const stdin = flags.stdin ? (await buffer(process.stdin)).toString('utf8') : undefined;
  const { client, close } = await connectClient();
  try {
    const handle = await start(client, commandInput(host, command, flags, stdin), flags);
    const over = new AbortController();
    const tell = (line: string): void => {
      if (!flags.quiet) process.stderr.write(`${line}\n`);
    };
    const watching = [
      watchRetries(handle, host, over.signal, tell),
      hintAtWorkers(client, flags.taskQueue, over.signal, tell),
    ];
    const releaseSignals = cancelOnSignal(handle, tell);
    try {
      return await outcome(handle, flags);
    } finally {
      releaseSignals();
      over.abort();
      await Promise.all(watching);
    }
  } finally {
    await close();
  }
}

function commandInput(
  host: string,
  command: readonly string[],
  flags: ExecFlags,
  stdin: string | undefined
): SshCommandInput {
  const { timeout, idempotent, once, env, cwd, pty, okExitCodes, maxOutputBytes, deadline } = flags;
  return {
    host,
    command: command.length === 1 ? (command[0] as string) : command,
    deadline,
    maxOutputBytes,
    // The output is written as it came, whatever bytes it holds.
    outputEncoding: 'base64',
    ...(timeout && { timeouts: timeout }),
    ...(idempotent && { idempotent }),
    ...(once && { once }),
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    ...(stdin !== undefined && { stdin }),
    ...(pty && { pty }),
    ...(okExitCodes && { okExitCodes }),
  };
}

async function start(
  client: Client,
  input: SshCommandInput,
  { taskQueue, workflowId, deadline }: ExecFlags
): Promise<WorkflowHandle> {
  try {
    return await startSshCommand(client, input, {
      taskQueue,
      ...(workflowId !== undefined && { workflowId }),
      workflowExecutionTimeout: (parseDuration(deadline) ?? 0) + WORKFLOW_MARGIN_MS,
      staticSummary: `command on ${input.host}`,
    });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowExecutionAlreadyStartedError') {
      throw new CliError(
        `A workflow with the id ${String(workflowId)} runs already. Choose another --workflow-id.`,
        EXIT.usage,
        { cause }
      );
    }
    if (isGrpcServiceError(cause))
      throw new CliError(`Temporal refused the start: ${cause.details}`, EXIT.unavailable, { cause });
    throw cause;
  }
}

async function outcome(handle: WorkflowHandle, flags: ExecFlags): Promise<number> {
  const ids = { workflowId: handle.workflowId };
  try {
    const result = (await handle.result()) as Parameters<typeof reportEnd>[0]['result'];
    return reportEnd({ ...ids, ...(result && { result }) }, flags);
  } catch (error) {
    const failure = sshFailureOf(error);
    if (failure) return reportEnd({ ...ids, failure }, flags);
    if (error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure) {
      return reportEnd({ ...ids, interrupted: true }, flags);
    }
    const trouble = troubleOf(error, flags);
    if (trouble === undefined) throw error;
    return reportEnd({ ...ids, trouble }, flags);
  }
}

/** What went wrong with Temporal instead of the command; `undefined` for a defect of ours. */
function troubleOf(error: unknown, { deadline, taskQueue }: ExecFlags): string | undefined {
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

function watchRetries(
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
async function hintAtWorkers(
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

function cancelOnSignal(handle: WorkflowHandle, tell: (line: string) => void): () => void {
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
