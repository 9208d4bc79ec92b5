import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { healthyProblems, parseDuration, remoteCommand } from '../contract';
import type {
  SshExecResult,
  SshFailureDetails,
  SshHealthyInput,
  SshHealthyResult,
  SshUnhealthyDetails,
} from '../contract';
import type { SshError } from '../ssh/ssh-error';
import { attemptLook } from './attempt-look';
import type { LookDependencies, LookResult } from './attempt-look';
import { countAttempt } from './count-attempt';
import { failureTails } from './job-ended';
import { leftMs, lookDelayMs, serverNowMs } from './look-delay';
import { badLook, goodLook, soakOf } from './soak';
import type { Soak } from './soak';
import { toApplicationFailure } from './to-application-failure';

/** The activity `sshHealthy`. */
export type SshHealthy = (input: SshHealthyInput) => Promise<SshHealthyResult>;

const TAIL_CHARACTERS = 2_048;
const SHORTEST_MS = 1_000;

/**
 * Makes the activity `sshHealthy`: each attempt is one look by one command, until they have found it healthy for `soak`
 * without a bad look between. What they have seen is handed on in the heartbeat details.
 *
 * A bad look, and a good one of too few, is the retryable, benign failure `SshUnhealthy`, whose `nextRetryDelay` is the time
 * until the next look and whose cause is what the look failed with. `failAfter` bad looks in a row make it terminal. What
 * cannot pass by itself is terminal as it is: the configuration, the host key, the credentials.
 */
export function createSshHealthy(dependencies: LookDependencies): SshHealthy {
  return async function sshHealthy(input) {
    const context = Context.current();
    return countAttempt(dependencies.telemetry, async () => new HealthLook(context, input).result(dependencies));
  };
}

/** One look. */
class HealthLook {
  readonly #startedAt = performance.now();
  #soak: Soak;

  constructor(
    private readonly context: Context,
    private readonly input: SshHealthyInput
  ) {
    this.#soak = soakOf(context.info.heartbeatDetails);
  }

  async result(dependencies: LookDependencies): Promise<SshHealthyResult> {
    const { context, input } = this;
    const seen = await attemptLook(dependencies, {
      context,
      input,
      problems: healthyProblems(input),
      request: () => {
        const { stdin, okExitCodes = [0] } = input;
        return { command: remoteCommand(input), okExitCodes, ...(stdin !== undefined && { stdin }) };
      },
      heartbeat: (phase) => ({ phase, ...this.#soak }),
      failed: (error) => this.#bad(error),
    });
    return this.#good(seen);
  }

  get #nowMs(): number {
    return serverNowMs(this.context.info, this.#startedAt);
  }

  #good({ target: { name, address, port }, result }: LookResult): SshHealthyResult {
    const soak = goodLook(this.#soak, this.#nowMs);
    const { looks } = soak;
    const healthyForMs = Math.max(0, this.#nowMs - soak.healthySinceMs);
    const soakMs = parseDuration(this.input.soak) ?? 0;
    const { host, exitCode, stdout } = result;
    if (healthyForMs >= soakMs) return { host, looks, healthyForMs, exitCode, stdout: tail(stdout) };
    const details = {
      ...({ stage: 'run', host, address, port, elapsedMs: result.stages.runMs, commandMayHaveRun: true } as const),
      ...{ exitCode, ...tails(result), looks, healthyForMs },
    };
    const message = `${name} (${address}:${port}) is healthy for ${healthyForMs} ms of ${soakMs} ms (look ${looks}).`;
    // The last look comes when the time is over, not up to a whole interval after it.
    const untilOver = Math.max(SHORTEST_MS, soakMs - healthyForMs);
    throw this.#notYet(soak, { message, details, delayMs: Math.min(untilOver, this.#delayMs()) });
  }

  #bad(error: SshError): ApplicationFailure {
    const { attempt, retryPolicy } = this.context.info;
    const { type, details } = error;
    const cause = toApplicationFailure(error, { idempotent: true, attempt, retryPolicy });
    // An exit code or signal is an answer to the question, though it ends an exec for good.
    if (!error.retryable && type !== 'SshExitStatus' && type !== 'SshExitSignal') return cause;
    const looked = type !== 'SshHostCoolingDown';
    const soak = badLook(this.#soak, looked);
    const { looks, badLooks } = soak;
    const { failAfter = Infinity } = this.input;
    return this.#notYet(soak, {
      message: `${looked ? `Look ${looks} found it unhealthy` : 'There was no look'}: ${error.message}`,
      details: { ...details, looks, healthyForMs: 0 },
      delayMs: badLooks >= failAfter ? undefined : this.#delayMs(error),
      cause,
    });
  }

  #delayMs(error?: SshError): number {
    return lookDelayMs({ every: this.input.every, error }, leftMs(this.context.info, this.#nowMs));
  }

  #notYet(
    soak: Soak,
    {
      message,
      details,
      delayMs,
      cause,
    }: { message: string; details: SshFailureDetails & SshUnhealthyDetails; delayMs: number | undefined; cause?: Error }
  ): ApplicationFailure {
    this.#soak = soak;
    // The last heartbeat before a failure reaches the server with it, however short the time since the one before.
    this.context.heartbeat({ phase: details.stage, ...soak });
    return ApplicationFailure.create({
      type: 'SshUnhealthy',
      message,
      nonRetryable: delayMs === undefined,
      ...(delayMs !== undefined && { nextRetryDelay: delayMs, category: ApplicationFailureCategory.BENIGN }),
      details: [details],
      ...(cause && { cause }),
    });
  }
}

function tail(text: string): string {
  return text.slice(-TAIL_CHARACTERS).replace(/^[\udc00-\udfff]/, '');
}

function tails({ stdout, stderr }: SshExecResult): { readonly stdoutTail?: string; readonly stderrTail?: string } {
  const { stdoutTail, stderrTail } = failureTails(Buffer.from(stdout), Buffer.from(stderr));
  return { ...(stdoutTail && { stdoutTail }), ...(stderrTail && { stderrTail }) };
}
