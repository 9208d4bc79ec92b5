import type { WorkflowHandle } from '@temporalio/client';
import { SSH_PROGRESS_QUERY } from '../contract';
import type {
  SshAbortInput,
  SshApproveInput,
  SshProgress,
  SshResolveInput,
  SshRunUpdate,
  SshSkipHostInput,
  SshUpdateInput,
} from '../contract';

/** What of a handle is needed to look at a run. */
export type SshRunQueryHandle = Pick<WorkflowHandle, 'query'>;

/** What of a handle is needed to take a hand in a run. */
export type SshRunUpdateHandle = Pick<WorkflowHandle, 'executeUpdate'>;

/** Where a run is. It is the worker that answers, also for a run that has ended. */
export async function sshProgress(handle: SshRunQueryHandle): Promise<SshProgress> {
  return handle.query<SshProgress>(SSH_PROGRESS_QUERY);
}

/** Sends an update to a run; resolves with the progress after it, rejects with `WorkflowUpdateFailedError` when it is refused. */
export async function updateSshRun(
  handle: SshRunUpdateHandle,
  update: SshRunUpdate,
  input: SshUpdateInput
): Promise<SshProgress> {
  return handle.executeUpdate<SshProgress, [SshUpdateInput]>(update, { args: [input] });
}

/** Pauses a run before its next step; what runs goes on to its end. */
export async function pauseSshRun(handle: SshRunUpdateHandle, input: SshUpdateInput): Promise<SshProgress> {
  return updateSshRun(handle, 'pause', input);
}

/** Lets a paused run go on. */
export async function resumeSshRun(handle: SshRunUpdateHandle, input: SshUpdateInput): Promise<SshProgress> {
  return updateSshRun(handle, 'resume', input);
}

/** Answers a step that waits for an approval. */
export async function approveSshRun(handle: SshRunUpdateHandle, input: SshApproveInput): Promise<SshProgress> {
  return updateSshRun(handle, 'approve', input);
}

/** Ends a run, and undoes what was done unless told not to. */
export async function abortSshRun(handle: SshRunUpdateHandle, input: SshAbortInput): Promise<SshProgress> {
  return updateSshRun(handle, 'abort', input);
}

/** Leaves a host out from its next step on. */
export async function skipSshHost(handle: SshRunUpdateHandle, input: SshSkipHostInput): Promise<SshProgress> {
  return updateSshRun(handle, 'skipHost', input);
}

/** Decides about a step that failed, or whose outcome is not known. */
export async function resolveSshRun(handle: SshRunUpdateHandle, input: SshResolveInput): Promise<SshProgress> {
  return updateSshRun(handle, 'resolve', input);
}
