import { describeProblems, jobReferenceProblems, resolveDeadlines } from '../contract';
import type { SshBecome, SshTimeouts } from '../contract';
import { createHostDirectory } from '../ssh/hosts';
import { createJobClient } from '../ssh/job/create-job-client';
import type { JobClient } from '../ssh/job/job-client';
import { ConnectionPool } from '../ssh/pool/connection-pool';
import { poolLimits } from '../ssh/pool/pool-options';
import type { SshTarget } from '../ssh/target';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { hostsPath } from './hosts-path';

/** How a host is reached from here. */
export interface JobHostFlags {
  readonly hosts?: string;
  readonly timeout?: SshTimeouts;
  readonly become?: true | string;
}

/** A host whose jobs are worked with from here, without Temporal. */
export interface JobHost {
  readonly client: JobClient;
  readonly target: SshTarget;
  /** A login has succeeded: what fails from then on is no mistake in the hosts file. */
  readonly reached: boolean;
  close(): Promise<void>;
}

/** Which user's jobs `--become [user]` means. */
export function becomeOf(flag: true | string | undefined): SshBecome | undefined {
  return flag === undefined ? undefined : flag === true ? {} : { user: flag };
}

/** @throws {@link CliError} for what is no host, no id, or no user */
export function checkReference(host: string, ids: readonly string[], become: SshBecome | undefined): void {
  const problems = ids.flatMap((id) => jobReferenceProblems({ host, id, ...(become && { become }) }));
  if (problems.length > 0) throw new CliError(describeProblems('job', problems), EXIT.usage);
}

/** Opens the way to the jobs of a host; it connects with the first request. */
export async function openJobHost(host: string, flags: JobHostFlags, signal?: AbortSignal): Promise<JobHost> {
  const target = await createHostDirectory(hostsPath(flags.hosts)).resolve(host);
  const { run: _run, idle: _idle, ...deadlines } = resolveDeadlines(target.timeouts, flags.timeout);
  // One person looks at one host: it is left alone for a moment only.
  const pool = new ConnectionPool(poolLimits({ coolDown: '1s', maxCoolDown: '10s' }));
  const become = becomeOf(flags.become);
  let reached = false;
  const client = createJobClient(pool, target, {
    deadlines,
    observer: {
      onStage: (stage) => {
        if (stage === 'channel' || stage === 'exec' || stage === 'run') reached = true;
      },
    },
    ...(signal && { signal }),
    ...(become && { become }),
  });
  return {
    client,
    target,
    get reached() {
      return reached;
    },
    close: async () => pool.close(),
  };
}

/** Works with the jobs of a host, and closes the connection afterwards. */
export async function withJobHost<T>(
  host: string,
  flags: JobHostFlags,
  work: (jobHost: JobHost) => Promise<T>,
  signal?: AbortSignal
): Promise<T> {
  const jobHost = await openJobHost(host, flags, signal);
  try {
    return await work(jobHost);
  } finally {
    await jobHost.close();
  }
}
