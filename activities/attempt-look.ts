import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { describeProblems, parseDuration, resolveDeadlines } from '../contract';
import type { OptionProblem, SshExecResult, SshTimeouts } from '../contract';
import type { ExecRequest } from '../ssh/exec-request';
import type { ConnectionPool } from '../ssh/pool/connection-pool';
import { execOnPool } from '../ssh/pool/exec-on-pool';
import { SshError } from '../ssh/ssh-error';
import type { SshTarget, TargetResolver } from '../ssh/target';
import { startHeartbeat } from './heartbeat-pulse';
import { guardJob } from './job-guard';
import type { StepTelemetry } from './ssh-metrics';
import { StepLog } from './step-log';
import { unlessAborted } from './unless-aborted';

/** What the activities that look at hosts work with. */
export interface LookDependencies {
  readonly resolve: TargetResolver;
  readonly pool: ConnectionPool;
  readonly telemetry: Pick<StepTelemetry, 'attemptEnded'>;
}

/** How {@link attemptLook} looks at a host. */
export interface LookOptions {
  readonly context: Context;
  readonly input: { readonly host: string; readonly timeouts?: SshTimeouts };
  readonly problems: readonly OptionProblem[];
  readonly request: () => Pick<ExecRequest, 'command'> & Partial<ExecRequest>;
  /** Not on a connection that is there already. @default false */
  readonly fresh?: boolean;
  /** What a heartbeat tells. */
  readonly heartbeat: (phase: string) => unknown;
  /** What becomes of a failure of the engine. */
  readonly failed: (error: SshError) => Error;
}

/** What a look saw. */
export interface LookResult {
  readonly target: SshTarget;
  readonly result: SshExecResult;
  /** How long it took to make the host's credentials and keys ready, in milliseconds. */
  readonly configMs: number;
}

// A look whose command hangs has seen enough; how long the steps on this host may run says nothing about it.
const RUN_MS = 30_000;

const MAX_OUTPUT_BYTES = 4_096;

/**
 * One look at a host by one command that changes nothing, so that any interruption can end it: a cancellation, a pause, the
 * end of the worker.
 */
export async function attemptLook(
  { resolve, pool }: LookDependencies,
  { context, input, problems, request, fresh = false, heartbeat, failed }: LookOptions
): Promise<LookResult> {
  if (problems.length > 0) throw invalidLook(context, input?.host, problems);
  const { host, timeouts } = input;
  let phase = 'config';
  const log = new StepLog(context.log, host);
  const guard = guardJob(context);
  const stopHeartbeat = startHeartbeat(context, () => heartbeat(phase), guard.check);
  const startedAt = performance.now();
  try {
    const target = await unlessAborted(resolve(host), guard.signal);
    const configMs = Math.round(performance.now() - startedAt);
    const { idle: _idle, ...deadlines } = resolveDeadlines(target.timeouts, timeouts);
    const idle = parseDuration(timeouts?.idle);
    const result = await execOnPool(
      pool,
      target,
      {
        pty: false,
        okExitCodes: [0],
        maxOutputBytes: MAX_OUTPUT_BYTES,
        outputEncoding: 'utf8',
        ...request(),
      },
      {
        deadlines: { ...deadlines, run: parseDuration(timeouts?.run) ?? RUN_MS, ...(idle !== undefined && { idle }) },
        attempt: context.info.attempt,
        signal: guard.signal,
        fresh,
        observer: {
          onStage: (stage) => {
            phase = stage;
            log.stage(stage);
          },
        },
      }
    );
    log.done();
    return { target, result, configMs };
  } catch (error) {
    if (guard.signal.aborted) throw guard.signal.reason;
    throw error instanceof SshError ? failed(error) : error;
  } finally {
    stopHeartbeat();
    guard.release();
  }
}

/** The failure of an input that has problems. */
export function invalidLook({ info }: Context, host: unknown, problems: readonly OptionProblem[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(describeProblems(info.activityType, problems), 'SshInvalidOptions', {
    stage: 'config',
    host: typeof host === 'string' ? host : '',
    elapsedMs: 0,
    commandMayHaveRun: false,
  });
}
