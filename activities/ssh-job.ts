import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { DEFAULT_MAX_OUTPUT_BYTES, jobProblems, parseDuration } from '../contract';
import type { SshJobInput, SshJobResult, SshJobSpec } from '../contract';
import type { JobCursor, JobFollower, JobReport } from '../ssh/job/job-client';
import { configError } from '../ssh/ssh-error';
import { countAttempt } from './count-attempt';
import { attemptJob, becomeOf } from './job-attempt';
import type { JobAttempt } from './job-attempt';
import type { JobDependencies } from './job-dependencies';
import { hasEnded } from './job-ended';
import { JobOutput } from './job-output';
import { jobRequest } from './job-request';
import { openJobSink } from './job-sink';
import type { JobSink } from './job-sink';

/** The activity `sshJob`. */
export type SshJob = (input: SshJobInput) => Promise<SshJobResult>;

const MIN_POLL_MS = 1_000;
const MAX_POLL_MS = 30_000;

/** A job of seconds is not to wait for half a minute, and one of hours is not to be looked at each second. */
function defaultPollMs(attempt: number): number {
  return Math.min(MAX_POLL_MS, MIN_POLL_MS * 2 ** (attempt - 1));
}

/**
 * Makes the activity `sshJob`: starts a job, or finds the one of that id, and follows it to its end.
 *
 * Safe to repeat after anything, a dead worker included: the job runs at most once. A cancellation ends the job, and the
 * activity ends as cancelled once nothing of the job is left; else it fails as `SshJobCancelIncomplete`. Worker shutdown,
 * pause, reset and timeouts leave the job to go on. With `follow: 'poll'` a job that runs is the retryable, benign failure
 * `SshJobStillRunning`.
 */
export function createSshJob(dependencies: JobDependencies): SshJob {
  return async function sshJob(input) {
    const context = Context.current();
    return countAttempt(dependencies.telemetry, async () => {
      const problems = jobProblems(input);
      return attemptJob(dependencies, { context, input, problems, cancelEndsJob: true }, async (attempt) => {
        const result = await new JobRun(dependencies, context, input, attempt).result();
        const { host, id, become, cleanup } = input;
        if (cleanup !== 'never' && !result.cleanedUp) {
          dependencies.janitor.done({ host, id, become: becomeOf(become) }, context.log);
        }
        return result;
      });
    });
  };
}

/** One attempt at the result of a job. */
class JobRun {
  constructor(
    private readonly dependencies: JobDependencies,
    private readonly context: Context,
    private readonly input: SshJobInput,
    private readonly attempt: JobAttempt
  ) {}

  async result(): Promise<SshJobResult> {
    const { sink: wanted = false, host, id, follow = 'stream' } = this.input;
    const { logDirectory } = this.dependencies.limits;
    if (wanted && logDirectory === undefined)
      throw configError(
        'SshConfigInvalid',
        host,
        `${host}: sink needs jobs.logDirectory in the options of the worker.`
      );
    if (follow === 'poll') await this.#look();
    const sink = wanted && logDirectory !== undefined ? await openJobSink(logDirectory, host, id) : undefined;
    try {
      return await this.#follow(sink);
    } finally {
      await sink?.close();
    }
  }

  readonly #startedAt = performance.now();
  /** Where the streams end, as far as a look knew. */
  #sizes: JobCursor | undefined;
  #report: JobReport | undefined;

  /** @throws `ApplicationFailure` `SshJobStillRunning` until the job has ended. */
  async #look(): Promise<void> {
    const { host, id, pollInterval } = this.input;
    const { client } = this.attempt;
    const report = this.#spec ? await client.start(jobRequest(this.#spec)) : await client.status(id);
    const { stdoutBytes, stderrBytes } = report.status;
    this.attempt.progress = { phase: 'run', stdoutBytes, stderrBytes };
    this.#report = report;
    this.#sizes = { stdout: stdoutBytes, stderr: stderrBytes };
    if (hasEnded(report)) return;
    throw ApplicationFailure.create({
      type: 'SshJobStillRunning',
      message: `${host}: the job ${id} runs; it has written ${stdoutBytes} and ${stderrBytes} bytes.`,
      nonRetryable: false,
      nextRetryDelay: parseDuration(pollInterval) ?? defaultPollMs(this.context.info.attempt),
      category: ApplicationFailureCategory.BENIGN,
      details: [{ ...report.status, stage: 'run', elapsedMs: 0, commandMayHaveRun: true }],
    });
  }

  get #spec(): (SshJobInput & SshJobSpec) | undefined {
    const { command } = this.input;
    return command === undefined ? undefined : { ...this.input, command };
  }

  async #follow(sink: JobSink | undefined): Promise<SshJobResult> {
    const { client, target } = this.attempt;
    const cursor = this.#start(sink);
    const output = new JobOutput(this.input, cursor);
    const follower: JobFollower = {
      cursor,
      sums: cursor.stdout > 0 || cursor.stderr > 0,
      onBytes: async (stream, offset, bytes) => {
        await sink?.write(stream, offset, bytes);
        output.push(stream, bytes);
        const { stdout, stderr } = output.next;
        this.attempt.progress = { phase: 'run', stdoutBytes: stdout, stderrBytes: stderr };
      },
    };
    const followed = await this.#followed(follower, client);
    // The look knew whether this attempt has started it.
    const report = { ...followed, started: followed.started || (this.#report?.started ?? false) };
    if (report.status.state !== 'gone') await sink?.finish(output.next);
    const result = output.result(report, this.context.info.attempt);
    const { okExitCodes = [0] } = this.input;
    const failure = this.dependencies.jobFailure(report, {
      target,
      okExitCodes,
      elapsedMs: Math.round(performance.now() - this.#startedAt),
      ...output.failureTails(),
    });
    if (!failure) return result;
    this.attempt.result = result;
    throw failure;
  }

  async #followed(follower: JobFollower, client: JobAttempt['client']): Promise<JobReport> {
    const looked = this.#report;
    // Nothing is left that could be followed.
    if (looked && !['done', 'lost-reboot', 'lost-supervisor'].includes(looked.status.state)) return looked;
    return this.#spec && !looked
      ? client.run(jobRequest(this.#spec), follower)
      : client.follow(this.input.id, follower);
  }

  /** Where reading begins: so early that the result's ends are read, and that the files have no gap. */
  #start(sink: JobSink | undefined): JobCursor {
    const last = this.#sizes ?? {
      stdout: this.attempt.progress.stdoutBytes,
      stderr: this.attempt.progress.stderrBytes,
    };
    const { maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = this.input;
    const from = (stream: keyof JobCursor): number =>
      Math.max(0, Math.min(last[stream] - maxOutputBytes, sink?.sizes[stream] ?? Infinity));
    return { stdout: from('stdout'), stderr: from('stderr') };
  }
}
