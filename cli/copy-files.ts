import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { startSshTransfer, watchTransfer } from '../client';
import { SSH_FAILURES, parseDuration, sshFailureOf } from '../contract';
import type { SshFailure, SshSyncResult, SshTransferHeartbeat, SshTransferResult } from '../contract';
import { connectClient } from './connect-client';
import type { CpFlags } from './cp-command';
import { cpRequest } from './cp-request';
import { cancelOnSignal, hintAtWorkers, refusedStart, troubleOf, watchRetries } from './attend-workflow';
import { EXIT } from './exit-codes';
import { LiveScreen } from './live-screen';
import { progressLine, resultLines } from './transfer-lines';

const WORKFLOW_MARGIN_MS = 5_000;
// Without a terminal, a line for each look would be a log of nothing else.
const LINE_EVERY_MS = 10_000;

/** Runs one transfer through Temporal; returns the exit code for the process. */
export async function copyFiles(source: string, target: string, flags: CpFlags): Promise<number> {
  const input = cpRequest(source, target, flags);
  const { client, close } = await connectClient();
  try {
    const handle = await start(client, input, flags);
    const over = new AbortController();
    const progress = new ProgressDisplay(flags.quiet === true || flags.json === true);
    const tell = (line: string): void => {
      if (!flags.quiet) progress.tell(line);
    };
    const { signal } = over;
    const watching = [
      watchRetries(handle, input.host, signal, tell),
      hintAtWorkers(client, flags.taskQueue, signal, tell),
      watchTransfer(handle, { signal, onProgress: (now) => progress.show(now) }),
    ];
    const releaseSignals = cancelOnSignal(handle, tell);
    try {
      return await outcome(handle, flags, () => progress.clear());
    } finally {
      releaseSignals();
      over.abort();
      await Promise.all(watching);
    }
  } finally {
    await close();
  }
}

async function start(
  client: Client,
  input: ReturnType<typeof cpRequest>,
  { taskQueue, workflowId, deadline }: CpFlags
): Promise<WorkflowHandle> {
  try {
    return await startSshTransfer(client, input, {
      taskQueue,
      ...(workflowId !== undefined && { workflowId }),
      workflowExecutionTimeout: (parseDuration(deadline) ?? 0) + WORKFLOW_MARGIN_MS,
      staticSummary: `transfer on ${input.host}`,
    });
  } catch (cause) {
    throw refusedStart(cause, workflowId);
  }
}

async function outcome(handle: WorkflowHandle, flags: CpFlags, clear: () => void): Promise<number> {
  const { workflowId } = handle;
  const report = (exitCode: number, more: object, lines: readonly string[]): number => {
    clear();
    const text = flags.json
      ? JSON.stringify({ ok: exitCode === EXIT.ok, exitCode, workflowId, ...more }, null, 2)
      : lines.join('\n');
    process[flags.json || exitCode === EXIT.ok ? 'stdout' : 'stderr'].write(`${text}\n`);
    return exitCode;
  };
  try {
    const result = (await handle.result()) as SshTransferResult | SshSyncResult;
    return report(EXIT.ok, { result }, resultLines(result));
  } catch (error) {
    const failure = sshFailureOf(error);
    if (failure) {
      const { type, message, details } = failure;
      return report(transferExitCode(failure), { failure: { type, message, details } }, [`${type}: ${message}`]);
    }
    if (error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure) {
      const said = `Cancelled: ${workflowId}. What is at the target is the old file or the new one.`;
      return report(EXIT.interrupted, { interrupted: true }, [said]);
    }
    const trouble = troubleOf(error, flags);
    if (trouble === undefined) throw error;
    return report(EXIT.unavailable, { trouble }, [`${workflowId}: ${trouble}`]);
  }
}

/** A transfer can be repeated, so that it matters only whether that may help. */
function transferExitCode({ type }: SshFailure): number {
  const { stage, retryable } = SSH_FAILURES[type];
  if (stage === 'config' && !retryable) return EXIT.config;
  return retryable ? EXIT.temporary : EXIT.terminal;
}

/** The progress on stderr: one line that changes on a terminal, now and then one elsewhere. */
class ProgressDisplay {
  readonly #screen = process.stderr.isTTY ? new LiveScreen(process.stderr) : undefined;
  #phase: string | undefined;
  #toldAt = -Infinity;
  #last: SshTransferHeartbeat | undefined;
  #over = false;

  constructor(private readonly hidden: boolean) {}

  show(progress: SshTransferHeartbeat): void {
    if (this.hidden || this.#over) return;
    this.#last = progress;
    if (this.#screen) return this.#screen.draw([progressLine(progress, this.#screen.size.width)]);
    const now = performance.now();
    if (progress.phase === this.#phase && now - this.#toldAt < LINE_EVERY_MS) return;
    this.#phase = progress.phase;
    this.#toldAt = now;
    process.stderr.write(`${progressLine(progress)}\n`);
  }

  tell(line: string): void {
    this.#screen?.draw([]);
    process.stderr.write(`${line}\n`);
    if (this.#last && this.#screen) this.show(this.#last);
  }

  clear(): void {
    this.#over = true;
    this.#screen?.draw([]);
  }
}
