import type { Client } from '@temporalio/client';
import { watchSshRun } from '../client';
import { argument } from './answer-command';
import { RUN_END_CODES } from './exit-codes';
import { followToEnd } from './follow-to-end';
import { runOutput } from './run-output';

const EXIT_PIPE = 128 + 13;

/** Shows a run until its end; returns the exit code. Ctrl-C leaves it running. */
export async function watchRun(
  client: Client,
  workflowId: string,
  { json = false, taskQueue }: { readonly json?: boolean; readonly taskQueue: string }
): Promise<number> {
  const output = runOutput(workflowId, json);
  process.stdout.once('error', ({ code }: NodeJS.ErrnoException) => {
    // Whoever read our output has left, such as `head`.
    if (code === 'EPIPE') process.exit(EXIT_PIPE);
  });
  try {
    return await followToEnd(
      async (signal) => {
        const outcome = await watchSshRun(client, workflowId, {
          signal,
          onProgress: (progress) => output.progress(progress),
          onAway: () => output.tell(`Nobody answers: is there a worker on the task queue ${taskQueue}? Still trying.`),
        });
        output.end(outcome);
        return RUN_END_CODES[outcome.end];
      },
      () => detachedText(workflowId)
    );
  } finally {
    output.close();
  }
}

/** The words for somebody who leaves a run. */
export function detachedText(workflowId: string): string {
  const id = argument(workflowId);
  return `Detached; the run goes on. Come back: temporal-ssh watch ${id}\nStop it: temporal-ssh abort ${id} --reason TEXT`;
}
