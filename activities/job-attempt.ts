import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { DEFAULT_KILL_GRACE_MS, describeProblems, parseDuration, resolveDeadlines } from '../contract';
import type { OptionProblem, SshBecome, SshDeadlines, SshJobHeartbeat, SshJobReference } from '../contract';
import type { DialObserver } from '../ssh/dial';
import type { JobClient } from '../ssh/job/job-client';
import { SshError } from '../ssh/ssh-error';
import type { SshTarget } from '../ssh/target';
import { cancelJob } from './cancel-job';
import type { FittedOutput } from './fit-result';
import { startHeartbeat } from './heartbeat-pulse';
import type { JobDependencies } from './job-dependencies';
import { guardJob } from './job-guard';
import { StepLog } from './step-log';
import { toApplicationFailure } from './to-application-failure';
import { unlessAborted } from './unless-aborted';

/** What an attempt on a job works with. */
export interface JobAttempt {
  readonly client: JobClient;
  readonly target: SshTarget;
  /** With `run`, of which the host is told. */
  readonly deadlines: SshDeadlines;
  readonly signal: AbortSignal;
  /** What the next heartbeat tells. */
  progress: SshJobHeartbeat;
  /** What the job left, for a failure. */
  result: FittedOutput | undefined;
}

/** How {@link attemptJob} treats a job. */
export interface JobAttemptOptions {
  readonly context: Context;
  readonly input: SshJobReference & { readonly killGrace?: unknown };
  readonly problems: readonly OptionProblem[];
  /** A cancellation ends the job itself, and not only this look at it. */
  readonly cancelEndsJob: boolean;
  readonly observer?: DialObserver;
}

/**
 * One attempt of an activity on a job: heartbeats, the way to the host, and what becomes of interruptions.
 *
 * Only a cancellation ends the job. Shutdown, pause, reset and timeouts leave it to go on: another attempt finds it.
 */
export async function attemptJob<T>(
  dependencies: JobDependencies,
  { context, input, problems, cancelEndsJob, observer }: JobAttemptOptions,
  work: (attempt: JobAttempt) => Promise<T>
): Promise<T> {
  if (problems.length > 0) throw invalidOptions(context, input, problems);
  const { host, id } = input;
  const { attempt: number, retryPolicy } = context.info;
  const last = context.info.heartbeatDetails as Partial<SshJobHeartbeat> | undefined;
  let progress: SshJobHeartbeat = {
    phase: 'config',
    stdoutBytes: last?.stdoutBytes ?? 0,
    stderrBytes: last?.stderrBytes ?? 0,
  };
  const log = new StepLog(context.log, host);
  const guard = guardJob(context);
  const stopHeartbeat = startHeartbeat(context, () => progress, guard.check);
  let contacted = number > 1;
  let result: FittedOutput | undefined;
  const connect = async (signal: AbortSignal): Promise<Omit<JobAttempt, 'progress' | 'result'>> => {
    const target = await unlessAborted(dependencies.resolve(host), signal);
    const deadlines = resolveDeadlines(target.timeouts, input.timeouts);
    const { run: _run, idle: _idle, ...setUp } = deadlines;
    const become = becomeOf(input.become);
    const client = dependencies.createJobClient(dependencies.pool, target, {
      deadlines: setUp,
      signal,
      observer: {
        ...observer,
        onStage: (phase) => {
          progress = { ...progress, phase };
          log.stage(phase);
          observer?.onStage?.(phase);
        },
      },
      ...(become && { become }),
    });
    return { client, target, deadlines, signal };
  };
  try {
    const connected = await connect(guard.signal);
    contacted = true;
    const done = await work({
      ...connected,
      get progress() {
        return progress;
      },
      set progress(value) {
        progress = value;
      },
      get result() {
        return result;
      },
      set result(value) {
        result = value;
      },
    });
    log.done();
    return done;
  } catch (error) {
    if (guard.signal.aborted) {
      if (guard.cancelled() && cancelEndsJob && contacted) {
        const graceMs = parseDuration(input.killGrace) ?? DEFAULT_KILL_GRACE_MS;
        const limitMs = dependencies.limits.cancelMs + graceMs;
        const reason = 'the activity was cancelled';
        await cancelJob(async (signal) => (await connect(signal)).client, { host, id, reason, graceMs, limitMs });
      }
      throw guard.signal.reason;
    }
    if (!(error instanceof SshError)) throw error;
    // Everything about a job can be repeated, except to find out how one ended that has left no record.
    const idempotent = error.type !== 'SshJobLost';
    const failure = toApplicationFailure(error, { idempotent, attempt: number, retryPolicy, result });
    log.failed(error, failure);
    throw failure;
  } finally {
    stopHeartbeat();
    guard.release();
  }
}

/** Which user a job is of, as the engine takes it. */
export function becomeOf(become: SshJobReference['become']): SshBecome | undefined {
  return become === true ? {} : become === false ? undefined : become;
}

function invalidOptions(
  { info }: Context,
  input: Partial<SshJobReference> | undefined,
  problems: readonly OptionProblem[]
): ApplicationFailure {
  return ApplicationFailure.nonRetryable(describeProblems(info.activityType, problems), 'SshInvalidOptions', {
    stage: 'config',
    host: typeof input?.host === 'string' ? input.host : '',
    elapsedMs: 0,
    commandMayHaveRun: false,
  });
}
