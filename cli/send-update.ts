import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { updateSshRun } from '../client';
import type { SshRunUpdate, SshUpdateInput } from '../contract';
import { cleanServerText } from '../ssh/server-text';
import { CliError } from './cli-error';
import { connectClient } from './connect-client';
import { EXIT } from './exit-codes';
import { findRun } from './find-run';
import { jsonLine } from './run-output';

const LIMIT_MS = 30_000;

/** Sends an update to a run and prints what came of it; returns the exit code. */
export async function sendUpdate(
  workflowId: string,
  update: SshRunUpdate,
  { input, json }: { readonly input: SshUpdateInput; readonly json: boolean }
): Promise<number> {
  const { client, close } = await connectClient();
  try {
    const { handle, taskQueue, running, status } = await findRun(client, workflowId);
    if (!running) {
      const message = `${workflowId} has ended (${status}): it takes no orders any more. What came of it: temporal-ssh watch ${workflowId}`;
      throw new CliError(message, EXIT.failed);
    }
    try {
      const send = (): ReturnType<typeof updateSshRun> => updateSshRun(handle, update, input);
      const progress = await client.withDeadline(Date.now() + LIMIT_MS, send);
      const line = cleanServerText(`${update}: done; ${progress.kind} ${progress.name}: ${progress.state}`);
      process.stdout.write(json ? jsonLine(progress) : `${line}\n`);
      return EXIT.ok;
    } catch (cause) {
      if (cause instanceof WorkflowUpdateFailedError) {
        throw new CliError(cleanServerText(cause.cause?.message ?? cause.message), EXIT.failed, { cause });
      }
      if (cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
        const message = `No worker has taken it within ${LIMIT_MS / 1_000} s: is there one on the task queue ${taskQueue}? It may still be taken.`;
        throw new CliError(message, EXIT.unavailable, { cause });
      }
      throw cause;
    }
  } finally {
    await close();
  }
}
