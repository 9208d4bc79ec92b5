import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import type { SshCommandInput, SshExecResult } from '../contract';

/** The type of the workflow `sshCommand`, by its name and shape: a client does not load workflow code. */
export type SshCommandWorkflow = (input: SshCommandInput) => Promise<SshExecResult>;

/** How to start it; everything that Temporal knows for a start may be given. */
export type StartSshCommandOptions = Omit<WorkflowStartOptions<SshCommandWorkflow>, 'args' | 'workflowId'> & {
  /** @default `ssh-command-<host>-<random>` */
  readonly workflowId?: string;
};

/**
 * Starts the ready-made workflow `sshCommand`, which a worker of `temporal-ssh worker` serves, or one whose workflow file
 * re-exports it.
 *
 * `handle.result()` rejects with `WorkflowFailedError`; `sshFailureOf` finds our failure in it.
 */
export async function startSshCommand(
  client: Client,
  input: SshCommandInput,
  { workflowId, ...options }: StartSshCommandOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshCommandWorkflow>> {
  const start = {
    ...options,
    args: [input],
    workflowId: workflowId ?? `ssh-command-${input.host}-${randomUUID()}`,
  } as WorkflowStartOptions<SshCommandWorkflow>;
  return client.workflow.start<SshCommandWorkflow>('sshCommand', start);
}
