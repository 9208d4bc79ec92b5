import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { SshSyncResult, SshTransferResult, SshTransferRunInput } from '../contract';
import { startSshWorkflow } from './start-ssh-workflow';
import type { SshStartOptions } from './start-ssh-workflow';

/** The type of the workflow `sshTransfer`, by its name and shape: a client does not load workflow code. */
export type SshTransferWorkflow = (input: SshTransferRunInput) => Promise<SshTransferResult | SshSyncResult>;

/** How to start it; `workflowId` is `ssh-transfer-<host>-<random>` unless given. */
export type StartSshTransferOptions = SshStartOptions<SshTransferWorkflow>;

/**
 * Starts the ready-made workflow `sshTransfer`, which a worker of `temporal-ssh worker` serves, or one whose workflow file
 * re-exports it.
 *
 * `handle.result()` rejects with `WorkflowFailedError`; `sshFailureOf` finds our failure in it.
 */
export async function startSshTransfer(
  client: Client,
  input: SshTransferRunInput,
  options: StartSshTransferOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshTransferWorkflow>> {
  const start = { type: 'sshTransfer', idPrefix: `ssh-transfer-${input.host}` };
  return startSshWorkflow<SshTransferWorkflow>(client, { ...start, args: [input] }, options);
}
