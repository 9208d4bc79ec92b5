import { Context } from '@temporalio/activity';
import { DEFAULT_KILL_GRACE_MS, jobCancelProblems, parseDuration } from '../contract';
import type { SshJobCancelInput, SshJobStatus } from '../contract';
import { requireGone } from './cancel-job';
import { countAttempt } from './count-attempt';
import { attemptJob } from './job-attempt';
import type { JobDependencies } from './job-dependencies';

/** The activity `sshJobCancel`. */
export type SshJobCancel = (input: SshJobCancelInput) => Promise<SshJobStatus>;

/**
 * Makes the activity `sshJobCancel`: ends a job, and returns once nothing of it is left. Processes that could not be ended
 * are `SshJobCancelIncomplete`, terminal. One that has not started yet never will.
 */
export function createSshJobCancel(dependencies: JobDependencies): SshJobCancel {
  return async function sshJobCancel(input) {
    const options = { context: Context.current(), input, problems: jobCancelProblems(input), cancelEndsJob: false };
    return countAttempt(dependencies.telemetry, async () =>
      attemptJob(dependencies, options, async ({ client }) => {
        const { host, id, reason, killGrace } = input;
        const graceMs = parseDuration(killGrace) ?? DEFAULT_KILL_GRACE_MS;
        const report = await client.cancel(id, { graceMs, ...(reason !== undefined && { reason }) });
        requireGone({ host, id }, report);
        return report.status;
      })
    );
  };
}
