import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  DEFAULT_MAX_OUTPUT_BYTES,
  describeProblems,
  execProblems,
  remoteCommand,
  resolveDeadlines,
  setUpLimitMs,
} from '../contract';
import type { SshExecHeartbeat, SshExecInput, SshExecResult } from '../contract';
import type { ConnectionPool } from '../ssh/pool/connection-pool';
import { execOnPool } from '../ssh/pool/exec-on-pool';
import { SshError } from '../ssh/ssh-error';
import type { TargetResolver } from '../ssh/target';
import { DrainExpired, guardCommand } from './command-guard';
import { countAttempt } from './count-attempt';
import { execOnce } from './exec-once';
import { fitResult } from './fit-result';
import { startHeartbeat } from './heartbeat-pulse';
import type { JobDependencies } from './job-dependencies';
import { lateCancellation } from './late-cancellation';
import type { StepTelemetry } from './ssh-metrics';
import { StepLog } from './step-log';
import { outcomeUnknown, toApplicationFailure } from './to-application-failure';
import { unlessAborted } from './unless-aborted';

/** What the activity works with. */
export interface SshExecDependencies {
  readonly resolve: TargetResolver;
  readonly pool: ConnectionPool;
  readonly drainMs: number;
  /** For commands that run once. */
  readonly jobs: JobDependencies;
  readonly telemetry: Pick<StepTelemetry, 'attemptEnded'>;
}

/** The activity `sshExec`. */
export type SshExec = (input: SshExecInput) => Promise<SshExecResult>;

/**
 * Makes the activity `sshExec`: one command on one host, attached, with a heartbeat.
 *
 * It fails with an `ApplicationFailure` whose `type` is one of our failure types. When it is cancelled the command is
 * asked to end (TERM), its channel is closed, and the activity ends as cancelled. A command that was sent and is not
 * `idempotent` survives worker shutdown (for the drain time), pause and reset.
 */
export function createSshExec(dependencies: SshExecDependencies): SshExec {
  return async function sshExec(input) {
    return countAttempt(dependencies.telemetry, async () =>
      (input as SshExecInput | undefined)?.once === undefined
        ? attemptExec(dependencies, input)
        : execOnce(dependencies.jobs, Context.current(), input)
    );
  };
}

async function attemptExec(
  { resolve, pool, drainMs }: SshExecDependencies,
  input: SshExecInput
): Promise<SshExecResult> {
  const context = Context.current();
  const { attempt, retryPolicy } = context.info;
  const problems = execProblems(input);
  if (problems.length > 0) {
    throw ApplicationFailure.nonRetryable(describeProblems('sshExec', problems), 'SshInvalidOptions', {
      stage: 'config',
      host: typeof input?.host === 'string' ? input.host : '',
      elapsedMs: 0,
      commandMayHaveRun: false,
    });
  }
  const { idempotent = false, outputEncoding = 'utf8' } = input;
  if (!idempotent) refuseSecondRun(context, input);
  let progress: SshExecHeartbeat = { phase: 'config', stdoutBytes: 0, stderrBytes: 0 };
  const log = new StepLog(context.log, input.host);
  let sent = false;
  let cancelledLate = false;
  const guard = guardCommand(context, { idempotent, sent: () => sent, drainMs });
  const late = lateCancellation(context, () => {
    cancelledLate = guard.passedOver;
    guard.cancel();
  });
  const stopHeartbeat = startHeartbeat(
    context,
    () => progress,
    () => {
      guard.check();
      if (guard.passedOver) late.poll(progress);
    }
  );
  try {
    // A function that looks hosts up may never answer.
    const target = await unlessAborted(resolve(input.host), guard.signal);
    const deadlines = resolveDeadlines(target.timeouts, input.timeouts);
    warnOfShortTimeout(context, setUpLimitMs(deadlines) + (deadlines.run ?? 0));
    const result = await execOnPool(
      pool,
      target,
      {
        command: remoteCommand(input),
        ...(input.stdin !== undefined && { stdin: input.stdin }),
        pty: input.pty ?? false,
        okExitCodes: input.okExitCodes ?? [0],
        maxOutputBytes: input.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
        outputEncoding,
      },
      {
        deadlines,
        attempt,
        signal: guard.signal,
        observer: {
          onStage: (phase) => {
            progress = { ...progress, phase };
            log.stage(phase);
          },
        },
        onSent: () => {
          sent = true;
          // At once: should this worker die, it is the only trace that the command may have run.
          context.heartbeat(progress);
        },
        onOutput: (stdoutBytes, stderrBytes) => (progress = { ...progress, stdoutBytes, stderrBytes }),
      }
    );
    log.done();
    return fitResult(result, outputEncoding);
  } catch (error) {
    // Whatever a cancellation made fail, it is a cancellation: any other failure would make the workflow fail.
    if (guard.signal.aborted && context.cancellationSignal.reason === guard.signal.reason) {
      if (cancelledLate) await late.report();
      throw guard.signal.reason;
    }
    if (error instanceof DrainExpired) {
      const details = { stage: 'run', host: input.host, elapsedMs: drainMs, commandMayHaveRun: true } as const;
      throw outcomeUnknown(`${input.host}: ${error.message}.`, details);
    }
    if (error instanceof SshError) {
      const failure = toApplicationFailure(error, { idempotent, attempt, retryPolicy, outputEncoding });
      log.failed(error, failure);
      throw failure;
    }
    throw error;
  } finally {
    stopHeartbeat();
    guard.release();
  }
}

/**
 * A last look before a second attempt, for callers whose retry policy lets one follow a worker's death: our own
 * workflows have none for a command that must not run twice.
 */
function refuseSecondRun({ info }: Context, { host, pty }: SshExecInput): void {
  if (info.attempt === 1) return;
  const last = info.heartbeatDetails as Partial<SshExecHeartbeat> | undefined;
  // Stage `exec` begins with the exec request, or with the one for a pseudo-terminal that goes before it.
  const stage = last?.phase === 'run' || (last?.phase === 'exec' && !pty) ? last.phase : undefined;
  if (stage === undefined) return;
  const details = { stage, host, elapsedMs: 0, commandMayHaveRun: true } as const;
  throw outcomeUnknown(
    `${host}: an earlier attempt was cut off after it had sent the command (stage ${stage}).`,
    details
  );
}

/** The server's own timeout says nothing of stages; it should never be the one that fires. */
function warnOfShortTimeout({ info, log }: Context, neededMs: number): void {
  const { startToCloseTimeoutMs: limit, scheduleToCloseTimeoutMs: whole } = info;
  // The server cuts it to what is left of the step's own deadline, which the step may well have wanted.
  if (limit > 0 && limit < neededMs && (whole === 0 || limit < whole)) {
    log.warn(
      'startToCloseTimeout is shorter than the deadlines of the stages together; a timeout will not name its stage',
      {
        startToCloseTimeoutMs: limit,
        neededMs,
      }
    );
  }
}
