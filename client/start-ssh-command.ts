import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { SshCommandInput, SshExecResult } from '../contract';
import { startSshWorkflow } from './start-ssh-workflow';
import type { SshStartOptions } from './start-ssh-workflow';

/** The type of the workflow `sshCommand`, by its name and shape: a client does not load workflow code. */
export type SshCommandWorkflow = (input: SshCommandInput) => Promise<SshExecResult>;

/** How to start it; `workflowId` is `ssh-command-<host>-<random>` unless given. */
export type StartSshCommandOptions = SshStartOptions<SshCommandWorkflow>;

/**
 * Starts the ready-made workflow `sshCommand`, which a worker of `temporal-ssh worker` serves, or one whose workflow file
 * re-exports it.
 *
 * `handle.result()` rejects with `WorkflowFailedError`; `sshFailureOf` finds our failure in it.
 */
export async function startSshCommand(
  client: Client,
  input: SshCommandInput,
  options: StartSshCommandOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshCommandWorkflow>> {
  const start = { type: 'sshCommand', idPrefix: `ssh-command-${input.host}` };
  return startSshWorkflow<SshCommandWorkflow>(client, { ...start, args: [input] }, options);
}
