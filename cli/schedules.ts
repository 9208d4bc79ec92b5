import { ScheduleNotFoundError } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { SSH_RUN_WORKFLOWS } from '../client';
import { CliError } from './cli-error';
import { connectClient } from './connect-client';
import { EXIT } from './exit-codes';

/** The exit codes of the commands for schedules, for their help. */
export const SCHEDULE_CODES =
  'Exit codes: 0 done; 1 no such schedule; 64 usage, 69 Temporal unavailable, 78 the file is wrong.';

const TYPES: readonly string[] = Object.values(SSH_RUN_WORKFLOWS);

/** Whether a schedule starts one of our workflows. */
export function isOurs(workflowType: string | undefined): boolean {
  return workflowType !== undefined && TYPES.includes(workflowType);
}

/** Gives a client to what needs one, and closes its connection. */
export async function withSchedules(work: (client: Client) => Promise<void>): Promise<void> {
  const { client, close } = await connectClient();
  try {
    await work(client);
  } finally {
    await close();
  }
}

/**
 * A schedule of ours.
 *
 * @throws CliError where there is none, or one that starts something else
 */
export async function findSchedule(
  client: Client,
  id: string
): Promise<{ readonly handle: ScheduleHandle; readonly description: ScheduleDescription }> {
  const handle = client.schedule.getHandle(id);
  try {
    const description = await handle.describe();
    if (isOurs(description.action.workflowType)) return { handle, description };
    throw new CliError(`The schedule ${id} starts ${description.action.workflowType}: it is left alone.`, EXIT.usage);
  } catch (cause) {
    if (!(cause instanceof ScheduleNotFoundError)) throw cause;
    throw new CliError(
      `There is no schedule ${id} in the namespace ${client.options.namespace}. See those that there are: temporal-ssh schedule list`,
      EXIT.failed,
      {
        cause,
      }
    );
  }
}
