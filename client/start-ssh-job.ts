import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import type { SshJobResult, SshJobRunInput } from '../contract';

/** The type of the workflow `sshJobRun`, by its name and shape: a client does not load workflow code. */
export type SshJobWorkflow = (input: SshJobRunInput) => Promise<SshJobResult>;

/** How to start it; everything that Temporal knows for a start may be given. */
export type StartSshJobOptions = Omit<WorkflowStartOptions<SshJobWorkflow>, 'args' | 'workflowId'> & {
  /** @default `ssh-job-<host>-<random>` */
  readonly workflowId?: string;
};

/**
 * Starts the ready-made workflow `sshJobRun`, which a worker of `temporal-ssh worker` serves, or one whose workflow file
 * re-exports it. Cancelling the workflow ends the job on its host.
 *
 * `handle.result()` rejects with `WorkflowFailedError`; `sshFailureOf` finds our failure in it.
 */
export async function startSshJob(
  client: Client,
  input: SshJobRunInput,
  { workflowId, ...options }: StartSshJobOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshJobWorkflow>> {
  const start = {
    ...options,
    args: [input],
    workflowId: workflowId ?? `ssh-job-${input.host}-${randomUUID()}`,
  } as WorkflowStartOptions<SshJobWorkflow>;
  return client.workflow.start<SshJobWorkflow>('sshJobRun', start);
}
