import { buffer } from 'node:stream/consumers';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { startSshCommand } from '../client';
import { parseDuration, sshFailureOf } from '../contract';
import type { SshCommandInput } from '../contract';
import { cancelOnSignal, hintAtWorkers, refusedStart, troubleOf, watchRetries } from './attend-workflow';
import { connectClient } from './connect-client';
import type { ExecFlags } from './exec-command';
import { reportEnd } from './report-end';

// After the step's own deadline, which says more than the workflow's.
const WORKFLOW_MARGIN_MS = 5_000;

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
    throw refusedStart(cause, workflowId);
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
