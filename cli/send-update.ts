import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { updateSshRun } from '../client';
import type { SshRunUpdate, SshUpdateInput } from '../contract';
import { argument } from './answer-command';
import { acceptedText } from './accepted-text';
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
    const watch = `temporal-ssh watch ${argument(workflowId)}`;
    if (!running) {
      const message = `${workflowId} has ended (${status}): it takes no orders any more. See how it ended: ${watch}`;
      throw new CliError(message, EXIT.failed);
    }
    try {
      const send = (): ReturnType<typeof updateSshRun> => updateSshRun(handle, update, input);
      const progress = await client.withDeadline(Date.now() + LIMIT_MS, send);
      const line = cleanServerText(acceptedText(update, input, progress, workflowId));
      process.stdout.write(json ? jsonLine(progress) : `${line}\n`);
      return EXIT.ok;
    } catch (cause) {
      if (cause instanceof WorkflowUpdateFailedError) {
        const message = cleanServerText(cause.cause?.message ?? cause.message);
        const next = message.includes('temporal-ssh ') ? '' : `. See where it is: ${watch}`;
        throw new CliError(`${next === '' ? message : message.replace(/\.$/, '')}${next}`, EXIT.failed, { cause });
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
