import { Context } from '@temporalio/activity';
import { jobReferenceProblems } from '../contract';
import type { SshJobReference, SshJobStatus } from '../contract';
import { countAttempt } from './count-attempt';
import { attemptJob } from './job-attempt';
import type { JobDependencies } from './job-dependencies';

/** The activity `sshJobStatus`. */
export type SshJobStatusActivity = (input: SshJobReference) => Promise<SshJobStatus>;

/** Makes the activity `sshJobStatus`: what the host knows of a job; one that it does not know is `absent`. */
export function createSshJobStatus(dependencies: JobDependencies): SshJobStatusActivity {
  return async function sshJobStatus(input) {
    const options = { context: Context.current(), input, problems: jobReferenceProblems(input), cancelEndsJob: false };
    return countAttempt(dependencies.telemetry, async () =>
      attemptJob(dependencies, options, async ({ client }) => (await client.status(input.id)).status)
    );
  };
}
