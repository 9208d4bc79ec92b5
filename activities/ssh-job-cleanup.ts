import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { jobReferenceProblems } from '../contract';
import type { SshJobReference } from '../contract';
import { SshError } from '../ssh/ssh-error';
import { countAttempt } from './count-attempt';
import { attemptJob } from './job-attempt';
import type { JobDependencies } from './job-dependencies';

/** The activity `sshJobCleanup`. */
export type SshJobCleanup = (input: SshJobReference) => Promise<void>;

/**
 * Makes the activity `sshJobCleanup`: removes a job from its host; a tombstone remains. One that runs is
 * `SshJobStillRunning`, here terminal.
 */
export function createSshJobCleanup(dependencies: JobDependencies): SshJobCleanup {
  return async function sshJobCleanup(input) {
    const options = { context: Context.current(), input, problems: jobReferenceProblems(input), cancelEndsJob: false };
    return countAttempt(dependencies.telemetry, async () =>
      attemptJob(dependencies, options, async ({ client }) => client.cleanUp([input.id]).catch(stillRunning))
    );
  };
}

function stillRunning(error: unknown): never {
  if (!(error instanceof SshError) || error.type !== 'SshJobStillRunning') throw error;
  const { type, message, details } = error;
  throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [details] });
}
