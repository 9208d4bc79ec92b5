import { failureFacts } from '../contract';
import type { SshJobStatus } from '../contract';
import { SshError } from '../ssh/ssh-error';
import { jobFailure } from '../ssh/job/job-end';
import type { JobReport } from '../ssh/job/job-client';
import type { SshTarget } from '../ssh/target';
import { CliError } from './cli-error';
import { EXIT, signalNumber } from './exit-codes';

/** Says on stderr what was no success of a job that ended; returns the exit code. */
export function reportJobEnd(report: JobReport, target: SshTarget, elapsedMs: number): number {
  const failure = jobFailure(report, { target, elapsedMs });
  const { state, exitCode } = report.status;
  if (failure && failure.type !== 'SshExitStatus') process.stderr.write(`${failure.type}: ${failure.message}\n`);
  if (!failure) return exitCode ?? EXIT.ok;
  return state === 'void' || state === 'absent' || state === 'tampered' ? EXIT.terminal : endCode(report.status);
}

/** The failure of a request about a job: it is repeatable, so that whatever was sent is no question. */
export function jobRequestError(error: unknown): unknown {
  if (!(error instanceof SshError)) return error;
  const { stage, retryable } = failureFacts(error.type);
  const exitCode = stage === 'config' ? EXIT.config : retryable ? EXIT.temporary : EXIT.terminal;
  return new CliError(`${error.type}: ${error.message}`, exitCode, { cause: error });
}

/** Waits for requests about jobs; their failures become messages with exit codes. */
export async function jobRequest<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw jobRequestError(error);
  }
}

function endCode({ exitCode, signal, state }: SshJobStatus): number {
  if (signal !== undefined) return 128 + signalNumber(signal);
  // It was made to end, whatever it says itself.
  if (exitCode !== undefined) return exitCode === 0 ? EXIT.terminal : exitCode;
  return state === 'lost-reboot' ? EXIT.terminal : EXIT.outcomeUnknown;
}
