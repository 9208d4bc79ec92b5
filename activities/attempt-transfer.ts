import { createHash } from 'node:crypto';
import type { Context, Info } from '@temporalio/activity';
import { parseDuration, resolveDeadlines } from '../contract';
import type { OptionProblem, SshDeadlines, SshTimeouts, SshTransferInput } from '../contract';
import type { TransferOptions } from '../ssh/files/transfer-options';
import { SshError } from '../ssh/ssh-error';
import type { SshTarget } from '../ssh/target';
import { invalidLook } from './attempt-look';
import { startHeartbeat } from './heartbeat-pulse';
import { StepLog } from './step-log';
import { toApplicationFailure } from './to-application-failure';
import type { TransferDependencies } from './transfer-dependencies';
import { guardTransfer } from './transfer-guard';
import { TransferWatch } from './transfer-watch';
import { unlessAborted } from './unless-aborted';

/** What {@link attemptTransfer} does. */
export interface TransferAttempt<I extends SshTransferInput, T> {
  readonly context: Context;
  readonly input: I;
  readonly problems: readonly OptionProblem[];
  /** For metrics. */
  readonly direction: 'to-host' | 'from-host';
  /** What is under way before the engine tells of a file. */
  readonly file: (input: I) => string;
  readonly transfer: (target: SshTarget, options: TransferOptions) => Promise<T>;
}

const IDLE_MS = 60_000;

/**
 * One attempt of a transfer, with a heartbeat that tells how far it is. It can always be repeated: whatever becomes of an
 * attempt, what is at the target is the old file or the new one, so that no failure is `SshOutcomeUnknown`.
 */
export async function attemptTransfer<I extends SshTransferInput, T>(
  { resolve, telemetry }: Pick<TransferDependencies, 'resolve' | 'telemetry'>,
  { context, input, problems, direction, file, transfer }: TransferAttempt<I, T>
): Promise<T> {
  const { info } = context;
  if (problems.length > 0) throw invalidLook(context, (input as I | undefined)?.host, problems);
  const { host } = input;
  const log = new StepLog(context.log, host);
  const watch = new TransferWatch(file(input), earlierPart(info));
  watch.onBytes = (bytes) => telemetry.fileBytes(host, direction, bytes);
  const guard = guardTransfer(context);
  const stopHeartbeat = startHeartbeat(context, () => watch.heartbeat(), guard.check);
  telemetry.transferBegins();
  try {
    const target = await unlessAborted(resolve(host), guard.signal);
    const result = await transfer(target, {
      deadlines: transferDeadlines(target, input.timeouts),
      signal: guard.signal,
      observer: {
        onStage: (stage) => {
          watch.stage(stage);
          log.stage(stage);
        },
      },
      onProgress: (progress) => {
        if (watch.progress(progress)) context.heartbeat(watch.heartbeat());
      },
      attempt: info.attempt,
      key: transferKey(info),
      ...(watch.part !== undefined && { earlierPart: watch.part }),
      last: isLast(info),
    });
    log.done();
    return result;
  } catch (error) {
    // Whatever a cancellation made fail, it is a cancellation: any other failure would make the workflow fail.
    if (guard.signal.aborted) throw context.cancellationSignal.reason;
    if (!(error instanceof SshError)) throw error;
    const { attempt, retryPolicy } = info;
    const failure = toApplicationFailure(error, { idempotent: true, attempt, retryPolicy });
    log.failed(error, failure);
    throw failure;
  } finally {
    telemetry.transferEnds();
    stopHeartbeat();
    guard.release();
  }
}

/** How long commands on this host may run, or be silent, says nothing about a transfer. */
function transferDeadlines(target: SshTarget, timeouts: SshTimeouts | undefined): SshDeadlines {
  const { run: _run, idle: _idle, ...setUp } = resolveDeadlines(target.timeouts, timeouts);
  const run = parseDuration(timeouts?.run);
  return { ...setUp, ...(run !== undefined && { run }), idle: parseDuration(timeouts?.idle) ?? IDLE_MS };
}

/** The same for each attempt of the step, and for no other step. */
function transferKey({ workflowNamespace, workflowExecution, activityId }: Info): string {
  const { workflowId, runId } = workflowExecution ?? {};
  return createHash('sha256')
    .update(JSON.stringify([workflowNamespace, workflowId, runId, activityId]))
    .digest('hex');
}

function isLast({ attempt, retryPolicy }: Info): boolean {
  const most = retryPolicy?.maximumAttempts ?? 0;
  return most > 0 && attempt >= most;
}

// It is removed from the host if it is of no use: only what can be a part's path is taken for one.
const PART = /\/\.[^/]*\.[0-9a-f]{16}\.part$/;

function earlierPart({ heartbeatDetails }: Info): string | undefined {
  const part: unknown = (heartbeatDetails as { readonly part?: unknown } | null | undefined)?.part;
  return typeof part === 'string' && PART.test(part) ? part : undefined;
}
