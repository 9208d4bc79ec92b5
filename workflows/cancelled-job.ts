import { CancellationScope, isCancellation, scheduleActivity } from '@temporalio/workflow';
import { sshFailureOf } from '../contract';
import type { SshJobCancelInput, SshJobStatus } from '../contract';
import { jobCancelOptions } from './job-activity-options';
import type { JobStepOptions } from './job-activity-options';

/**
 * What the job's activity resolves with. After a cancellation the job is ended on its host once more, where no
 * cancellation reaches: the server cancels an activity that waits for its next attempt without telling any worker.
 *
 * @throws the cancellation, once nothing of the job is left; `ActivityFailure` of the cancel when it failed.
 */
export async function endedWhenCancelled<T>(
  running: Promise<T>,
  job: SshJobCancelInput,
  options: JobStepOptions
): Promise<T> {
  try {
    return await running;
  } catch (error) {
    if (!isCancellation(error) || sshFailureOf(error)?.type === 'SshJobCancelIncomplete') throw error;
    const input: SshJobCancelInput = { reason: 'the workflow was cancelled', ...job };
    await CancellationScope.nonCancellable(() =>
      scheduleActivity<SshJobStatus>('sshJobCancel', [input], jobCancelOptions(job.host, options))
    );
    throw error;
  }
}
