import type { SshFailureDetails, SshFailureType, SshJobStatus } from '../../contract';
import { FAILURE_HELP } from '../failure-help';
import { SshError } from '../ssh-error';
import type { SshTarget } from '../target';
import type { JobReport } from './job-client';

/** What is known besides the host's report. */
export interface JobEndContext {
  readonly target: Pick<SshTarget, 'name' | 'address' | 'port'>;
  readonly elapsedMs: number;
  /** @default [0] */
  readonly okExitCodes?: readonly number[];
  readonly stdoutTail?: string;
  readonly stderrTail?: string;
}

/** `details[0]` of a failure that a job ended with: what the host knows of it is part of it. */
export interface JobFailureDetails extends SshFailureDetails, Omit<SshJobStatus, 'host' | 'exitCode' | 'signal'> {}

/**
 * The failure that the end of a job is; `undefined` for a success, and for a job that has not ended.
 *
 * An end that somebody asked for is that, however the job took it: what was asked goes before the exit code.
 */
export function jobFailure({ status }: JobReport, context: JobEndContext): SshError | undefined {
  const end = endOf(status, context.okExitCodes ?? [0]);
  if (!end) return undefined;
  const [type, what] = end;
  const { target, elapsedMs, stdoutTail, stderrTail } = context;
  const { name, address, port } = target;
  const commandMayHaveRun = status.state !== 'void' && status.state !== 'absent';
  const { host: _host, ...known } = status;
  const details: JobFailureDetails = {
    ...known,
    stage: 'run',
    host: name,
    address,
    port,
    elapsedMs,
    commandMayHaveRun,
    ...(stdoutTail && { stdoutTail }),
    ...(stderrTail && { stderrTail }),
  };
  const message = `${name} (${address}:${port}) ${what} (job ${status.id}, stage run, after ${elapsedMs} ms). ${FAILURE_HELP[type].next}`;
  return new SshError(type, { message, details });
}

type End = readonly [SshFailureType, string];

const ASKED: Readonly<Record<NonNullable<SshJobStatus['endReason']>, End>> = {
  cancel: ['SshJobCancelled', 'ended the job because it was cancelled'],
  deadline: ['SshJobDeadline', 'ended the job because its deadline had passed'],
  lease: ['SshJobLeaseExpired', 'ended the job because nobody had asked for it'],
  'log-limit': ['SshJobLogLimit', 'ended the job because it wrote too much'],
};

function endOf(status: SshJobStatus, okExitCodes: readonly number[]): End | undefined {
  const { state, exitCode, signal, endReason, survivors = [], directory } = status;
  if (state === 'tampered') return ['SshJobTampered', `has something else than was written in ${directory}`];
  if (survivors.length > 0) {
    const some = survivors.slice(0, 10).join(', ');
    return ['SshJobCancelIncomplete', `could not end all processes of the job: ${some} are left`];
  }
  switch (state) {
    case 'absent':
      return ['SshJobNotFound', 'knows no such job'];
    case 'void':
      return ['SshJobCancelled', 'never ran the job, because it was cancelled before'];
    case 'lost-reboot':
      return ['SshJobLostByReboot', 'was started anew while the job ran'];
    case 'lost-supervisor':
    case 'done':
    case 'gone':
      break;
    default:
      return undefined;
  }
  if (endReason) return ASKED[endReason];
  if (exitCode !== undefined) {
    if (okExitCodes.includes(exitCode)) return undefined;
    return ['SshExitStatus', `ended the job with exit code ${exitCode}`];
  }
  if (signal !== undefined) return ['SshExitSignal', `ended the job by signal ${signal}`];
  return ['SshJobLost', 'has no record of how the job ended'];
}
