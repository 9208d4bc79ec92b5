import { CancellationScope, scheduleActivity } from '@temporalio/workflow';
import { JOB_START_FIELDS, jobCancelProblems, jobLogProblems, jobProblems, stepProblems } from '../contract';
import type {
  OptionProblem,
  SshHostDefaults,
  SshJobAttachOptions,
  SshJobCancelInput,
  SshJobInput,
  SshJobLogInput,
  SshJobLogResult,
  SshJobOptions,
  SshJobReference,
  SshJobResult,
  SshJobStatus,
} from '../contract';
import { endedWhenCancelled } from './cancelled-job';
import { sizeProblems } from './input-size';
import { invalidOptions } from './invalid-options';
import { jobActivityOptions, jobRequestOptions } from './job-activity-options';
import type { JobStepOptions } from './job-activity-options';
import { mergeOptions } from './merge-options';

/** Which part of a job's output {@link SshJob.log} reads. */
export type SshJobLogRange = Pick<SshJobLogInput, 'stream' | 'from' | 'length' | 'outputEncoding'>;

/**
 * A job: the promise of its result, and what can be asked of it meanwhile, one activity each.
 *
 * @see SshHost.job
 */
export interface SshJob extends Promise<SshJobResult> {
  readonly id: string;
  /**
   * Ends the job on its host, and resolves once nothing of it is left. The promise of its result then rejects with
   * `SshJobCancelled`.
   *
   * @throws `ActivityFailure` with `SshJobCancelIncomplete` when processes of it could not be ended.
   */
  cancel(reason?: string): Promise<SshJobStatus>;
  /** Reads a part of its output, while it runs and after it. */
  log(range?: SshJobLogRange): Promise<SshJobLogResult>;
  /** What the host knows of it; `absent` for a job that it does not know. */
  status(): Promise<SshJobStatus>;
  /** Removes it from the host. @throws `ActivityFailure` with `SshJobStillRunning` while it runs. */
  cleanup(): Promise<void>;
}

const STEP_OPTIONS: readonly string[] = ['retry', 'heartbeatTimeout', 'taskQueue', 'summary'];

/** Starts a job, or attaches to one where there is no command. */
export function startJob(
  host: string,
  id: string,
  command: string | readonly string[] | undefined,
  defaults: SshHostDefaults,
  options: SshJobOptions | SshJobAttachOptions
): SshJob {
  const merged = mergeOptions(jobDefaults(defaults, command !== undefined), options) as SshJobOptions;
  const given = Object.entries(merged).filter(([name, value]) => value !== undefined && name !== 'id');
  const input = {
    ...Object.fromEntries(given.filter(([name]) => !STEP_OPTIONS.includes(name))),
    host,
    id,
    ...(command !== undefined && { command }),
  } as SshJobInput;
  const { retry, heartbeatTimeout, taskQueue, summary, follow, timeouts, become, killGrace } = merged;
  const step: JobStepOptions = dropUndefined({ retry, heartbeatTimeout, taskQueue, summary, follow });
  const reference: SshJobReference = dropUndefined({ host, id, timeouts, become });
  const cancelInput: SshJobCancelInput = dropUndefined({ ...reference, killGrace });

  const request = async <T>(
    name: string,
    summarised: string,
    what: object,
    problems: readonly OptionProblem[] = []
  ) => {
    if (problems.length > 0) throw invalidOptions(`${summarised} on ${host}`, host, problems);
    return scheduleActivity<T>(name, [what], jobRequestOptions(host, step, summarised));
  };
  const run = async (): Promise<SshJobResult> => {
    const misplaced = given.flatMap(([name]) =>
      name === 'host' || name === 'command' ? [{ option: name, expected: 'it as an argument', found: 'an option' }] : []
    );
    const { deadline: _deadline, ...temporal } = merged;
    const problems = [...misplaced, ...jobProblems(input), ...stepProblems({ ...temporal }), ...pollProblems(merged)];
    if (problems.length === 0) problems.push(...sizeProblems(input));
    if (problems.length > 0) throw invalidOptions(`job on ${host}`, host, problems);
    const running = scheduleActivity<SshJobResult>('sshJob', [input], jobActivityOptions(host, step));
    return endedWhenCancelled(running, cancelInput, step);
  };
  return Object.assign(run(), {
    id,
    cancel: async (reason?: string) => {
      const what = dropUndefined({ ...cancelInput, reason });
      return CancellationScope.nonCancellable(() =>
        request<SshJobStatus>('sshJobCancel', 'cancel job', what, jobCancelProblems(what))
      );
    },
    log: async (range: SshJobLogRange = {}) => {
      const what = { ...reference, ...range };
      return request<SshJobLogResult>('sshJobLog', 'log of job', what, jobLogProblems(what));
    },
    status: async () => request<SshJobStatus>('sshJobStatus', 'status of job', reference),
    cleanup: async () => {
      await request('sshJobCleanup', 'clean up job', reference);
    },
  });
}

/** Those of the host's defaults that a job has too; the deadline of a step is none of the job. */
function jobDefaults(defaults: SshHostDefaults, starts: boolean): SshHostDefaults {
  const { deadline: _deadline, pty: _pty, ...others } = defaults;
  return Object.fromEntries(Object.entries(others).filter(([name]) => starts || !JOB_START_FIELDS.includes(name)));
}

/** Each look is an attempt: a limit on attempts would limit how long the job may run. */
function pollProblems({ follow, retry }: SshJobOptions): OptionProblem[] {
  const limit = (retry as SshJobOptions['retry'] | null)?.maximumAttempts;
  if (follow !== 'poll' || limit === undefined || limit === Infinity) return [];
  return [{ option: 'retry.maximumAttempts', expected: "none with follow 'poll'", found: String(limit) }];
}

function dropUndefined<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
