import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { SshJobResult, SshJobRunInput } from '../contract';
import { startSshWorkflow } from './start-ssh-workflow';
import type { SshStartOptions } from './start-ssh-workflow';

/** The type of the workflow `sshJobRun`, by its name and shape: a client does not load workflow code. */
export type SshJobWorkflow = (input: SshJobRunInput) => Promise<SshJobResult>;

/** How to start it; `workflowId` is `ssh-job-<host>-<random>` unless given. */
export type StartSshJobOptions = SshStartOptions<SshJobWorkflow>;

/**
 * Starts the ready-made workflow `sshJobRun`, which a worker of `temporal-ssh worker` serves, or one whose workflow file
 * re-exports it. Cancelling the workflow ends the job on its host.
 *
 * `handle.result()` rejects with `WorkflowFailedError`; `sshFailureOf` finds our failure in it.
 */
export async function startSshJob(
  client: Client,
  input: SshJobRunInput,
  options: StartSshJobOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshJobWorkflow>> {
  const start = { type: 'sshJobRun', idPrefix: `ssh-job-${input.host}` };
  return startSshWorkflow<SshJobWorkflow>(client, { ...start, args: [input] }, options);
}
