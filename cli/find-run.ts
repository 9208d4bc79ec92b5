import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { SSH_RUN_WORKFLOWS } from '../client';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';

const TYPES: readonly string[] = Object.values(SSH_RUN_WORKFLOWS);

/**
 * The handle of a run that there is, its latest.
 *
 * @throws CliError where there is none, or another workflow
 */
export async function findRun(
  client: Client,
  workflowId: string
): Promise<{
  readonly handle: WorkflowHandle;
  readonly taskQueue: string;
  readonly running: boolean;
  readonly status: string;
}> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { type, taskQueue, status } = await handle.describe();
    if (TYPES.includes(type)) {
      return { handle, taskQueue, running: status.name === 'RUNNING', status: status.name.toLowerCase() };
    }
    throw new CliError(
      `${workflowId} is a workflow ${type}, expected one of ${TYPES.join(', ')}. The Web UI and the command temporal show it.`,
      EXIT.usage
    );
  } catch (cause) {
    if (!(cause instanceof WorkflowNotFoundError)) throw cause;
    const { namespace } = client.options;
    throw new CliError(
      `There is no workflow ${workflowId} in the namespace ${namespace}. The command that started a run printed its id; the Web UI lists them.`,
      EXIT.failed,
      { cause }
    );
  }
}
