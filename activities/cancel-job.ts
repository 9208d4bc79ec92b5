import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE_HELP } from '../ssh/failure-help';
import type { JobClient, JobReport } from '../ssh/job/job-client';
import { SshError } from '../ssh/ssh-error';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

/** Which job is to end, and how. */
export interface JobCancellation {
  readonly host: string;
  readonly id: string;
  readonly reason: string;
  readonly graceMs: number;
  /** How long the host is tried to be reached. */
  readonly limitMs: number;
}

/**
 * Ends a job on its host, and returns once nothing of it is left. Connections that fail are tried again, with growing
 * delays.
 *
 * @throws `ApplicationFailure` `SshJobCancelIncomplete`, terminal: processes are left, or the host was not reached.
 */
export async function cancelJob(
  connect: (signal: AbortSignal) => Promise<JobClient>,
  cancellation: JobCancellation
): Promise<void> {
  const { id, reason, graceMs, limitMs } = cancellation;
  const signal = AbortSignal.timeout(limitMs);
  for (let wait = FIRST_DELAY_MS; ; wait = Math.min(2 * wait, LONGEST_DELAY_MS)) {
    try {
      const client = await connect(signal);
      return requireGone(cancellation, await client.cancel(id, { reason, graceMs }));
    } catch (error) {
      if (error instanceof ApplicationFailure) throw error;
      if (error instanceof SshError && !error.retryable) throw notReached(cancellation, error);
      if (!(error instanceof SshError) && !signal.aborted) throw notReached(cancellation, error);
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw notReached(cancellation, error);
    }
  }
}

const LIVING: readonly string[] = ['new', 'running', 'orphan', 'finishing', 'tampered'];

/** @throws `ApplicationFailure` `SshJobCancelIncomplete` where something of a job is left after its kill. */
export function requireGone({ host, id }: Pick<JobCancellation, 'host' | 'id'>, { status }: JobReport): void {
  const { survivors, state, endReason } = status;
  const proven = survivors !== undefined || endReason === undefined || state === 'void';
  if (proven && (survivors ?? []).length === 0 && !LIVING.includes(state)) return;
  let left = `it is in state ${state}`;
  if (survivors?.length) left = `processes of it are left: ${survivors.join(', ')}`;
  else if (!proven) left = 'what ended it was ended itself before it could tell what is left';
  throw incomplete({ host, id }, `the job ${id} was cancelled, and ${left}.`, { ...status });
}

function notReached(job: Pick<JobCancellation, 'host' | 'id'>, error: unknown): ApplicationFailure {
  const { type, message, details } =
    error instanceof SshError ? error : { type: 'error', message: 'no answer', details: undefined };
  const cause = ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    ...(details && { details: [details] }),
  });
  return incomplete(job, `the job ${job.id} was to be cancelled, and whether it has ended is not known.`, {}, cause);
}

function incomplete(
  { host, id }: Pick<JobCancellation, 'host' | 'id'>,
  what: string,
  more: object,
  cause?: Error
): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'SshJobCancelIncomplete',
    message: `${host}: ${what} ${FAILURE_HELP.SshJobCancelIncomplete.next}`,
    nonRetryable: true,
    details: [{ ...more, stage: 'run', host, id, elapsedMs: 0, commandMayHaveRun: true }],
    ...(cause && { cause }),
  });
}
