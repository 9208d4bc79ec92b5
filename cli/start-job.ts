import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startSshJob } from '../client';
import { failureFacts, sshFailureOf } from '../contract';
import type { SshJobResult, SshJobRunInput } from '../contract';
import { SshError } from '../ssh/ssh-error';
import { CliError } from './cli-error';
import { connectClient } from './connect-client';
import { EXIT } from './exit-codes';
import { followJob } from './follow-job';
import { comeBack, followToEnd } from './follow-to-end';
import { reportJobEnd } from './job-exit-code';
import { becomeOf, checkReference, openJobHost } from './job-host';
import type { JobHost } from './job-host';
import type { JobStartFlags } from './job-start-command';

const LOOK_MS = 500;
const HINT_AFTER_LOOKS = 10;

/** The workflow has ended before the job was seen on its host. */
interface WorkflowEnd {
  readonly result?: SshJobResult;
  readonly error?: unknown;
}

/** Starts a job through Temporal, and follows it from here; returns the exit code for the process. */
export async function startJob(host: string, words: readonly string[], flags: JobStartFlags): Promise<number> {
  const id = flags.id ?? `cli-${randomUUID()}`;
  checkReference(host, [id], becomeOf(flags.become));
  const { client, close } = await connectClient();
  try {
    const workflowId = `ssh-job-${host}-${id}`;
    const handle = await start(client, workflowId, jobInput(host, id, words, flags), flags);
    if (flags.detach) {
      process.stdout.write(flags.json ? `${JSON.stringify({ host, id, workflowId })}\n` : `${id}\n`);
      return EXIT.ok;
    }
    let end: WorkflowEnd | undefined;
    const ended = (handle.result() as Promise<SshJobResult>).then(
      (result) => (end = { result }),
      (error: unknown) => (end = { error })
    );
    const jobHost = await hostFromHere(host, flags);
    try {
      return await followToEnd(
        async (signal) =>
          (jobHost && (await live(jobHost, id, { flags, signal, ended: () => end }))) ??
          reportWorkflow(await Promise.race([ended, interrupted(signal)])),
        () => comeBack(host, id, flags)
      );
    } finally {
      await jobHost?.close();
    }
  } finally {
    await close();
  }
}

function jobInput(host: string, id: string, words: readonly string[], flags: JobStartFlags): SshJobRunInput {
  const { deadline, lease, maxLogBytes, shell, env, cwd, nice, poll, keep, timeout } = flags;
  const become = becomeOf(flags.become);
  return {
    host,
    id,
    command: words.length === 1 ? (words[0] as string) : words,
    ...(deadline !== undefined && { deadline }),
    ...(lease !== undefined && { lease }),
    ...(maxLogBytes !== undefined && { maxLogBytes }),
    ...(shell !== undefined && { shell }),
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    ...(nice !== undefined && { nice }),
    ...(become && { become }),
    ...(timeout && { timeouts: timeout }),
    ...(poll !== undefined && { follow: 'poll' as const }),
    ...(poll !== undefined && poll !== true && { pollInterval: poll }),
    ...(keep && { cleanup: 'never' as const }),
  };
}

async function start(
  client: Client,
  workflowId: string,
  input: SshJobRunInput,
  { taskQueue }: JobStartFlags
): Promise<WorkflowHandle> {
  try {
    return await startSshJob(client, input, { taskQueue, workflowId, staticSummary: `job on ${input.host}` });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowExecutionAlreadyStartedError') {
      const message = `The job ${input.id} is on its way already. Follow it: temporal-ssh job attach ${input.host} ${input.id}`;
      throw new CliError(message, EXIT.usage, { cause });
    }
    if (isGrpcServiceError(cause)) {
      throw new CliError(`Temporal refused the start: ${cause.details}`, EXIT.unavailable, { cause });
    }
    throw cause;
  }
}

/** The host as it is reached from here; `undefined` where it cannot be, as without a hosts file. */
async function hostFromHere(host: string, flags: JobStartFlags): Promise<JobHost | undefined> {
  try {
    return await openJobHost(host, flags);
  } catch (error) {
    if (!flags.quiet) process.stderr.write(`The output comes at the end: ${(error as Error).message}\n`);
    return undefined;
  }
}

/** Shows the job's output from here; `undefined` when its workflow ended without one. */
async function live(
  jobHost: JobHost,
  id: string,
  { flags, signal, ended }: { flags: JobStartFlags; signal: AbortSignal; ended: () => WorkflowEnd | undefined }
): Promise<number | undefined> {
  const startedAt = performance.now();
  const tell = (line: string): void => {
    if (!flags.quiet) process.stderr.write(`${line}\n`);
  };
  for (let looks = 1; ; looks += 1) {
    try {
      const report = await followJob(jobHost, id, { signal, tell });
      return reportJobEnd(report, jobHost.target, Math.round(performance.now() - startedAt));
    } catch (error) {
      // A worker has not started it yet.
      if (!(error instanceof SshError) || error.type !== 'SshJobNotFound') throw error;
    }
    if (ended()) return undefined;
    if (looks === HINT_AFTER_LOOKS) {
      tell(`Not started yet: is there a worker on the task queue ${flags.taskQueue}? The workflow waits for one.`);
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}

function reportWorkflow({ result, error }: WorkflowEnd): number {
  if (result) {
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    return result.exitCode;
  }
  const failure = sshFailureOf(error);
  if (!failure) throw error;
  const { stage, retryable } = failureFacts(failure.type);
  process.stderr.write(`${failure.type}: ${failure.message}\n`);
  if (failure.type === 'SshOutcomeUnknown') return EXIT.outcomeUnknown;
  if (failure.type === 'SshExitStatus') return failure.details?.exitCode ?? EXIT.terminal;
  return stage === 'config' ? EXIT.config : retryable ? EXIT.temporary : EXIT.terminal;
}

async function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (): void => reject(new Error('interrupted'));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
  });
}
