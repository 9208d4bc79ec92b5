import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { reachableProblems } from '../contract';
import type { SshFailureDetails, SshReachableInput, SshReachableResult } from '../contract';
import { BOOT_ID_COMMAND, parseBootId } from '../ssh/boot-id';
import type { SshError } from '../ssh/ssh-error';
import { attemptLook } from './attempt-look';
import type { LookDependencies } from './attempt-look';
import { countAttempt } from './count-attempt';
import { leftMs, lookDelayMs, serverNowMs } from './look-delay';
import { toApplicationFailure } from './to-application-failure';

/** The activity `sshReachable`. */
export type SshReachable = (input: SshReachableInput) => Promise<SshReachableResult>;

const ANY_EXIT_CODE = Array.from({ length: 256 }, (_, code) => code);

/**
 * Makes the activity `sshReachable`: each attempt is one look whether the host lets this worker in, and which boot it is.
 *
 * A look that fails for what may pass is a retryable, benign failure of its own type, whose `nextRetryDelay` is the time
 * until the next look: waiting takes no worker slot, no connection and no event of the workflow's history. While the host has the
 * boot id `notBootId`, it is `SshBootIdUnchanged`. What cannot pass by itself is terminal: the configuration, the host key, the
 * credentials.
 */
export function createSshReachable(dependencies: LookDependencies): SshReachable {
  return async function sshReachable(input) {
    const context = Context.current();
    return countAttempt(dependencies.telemetry, async () => look(dependencies, context, input));
  };
}

async function look(
  dependencies: LookDependencies,
  context: Context,
  input: SshReachableInput
): Promise<SshReachableResult> {
  const startedAt = performance.now();
  const delayMs = (error?: SshError): number =>
    lookDelayMs({ every: input.every, error }, leftMs(context.info, serverNowMs(context.info, startedAt)));
  const { attempt, retryPolicy } = context.info;
  const { target, result } = await attemptLook(dependencies, {
    context,
    input,
    problems: reachableProblems(input),
    request: () => ({ command: BOOT_ID_COMMAND, okExitCodes: ANY_EXIT_CODE }),
    heartbeat: (phase) => ({ phase }),
    failed: (error) => {
      // A host that goes down kills what runs on it.
      const passes = error.retryable || error.type === 'SshExitSignal';
      if (!passes) return toApplicationFailure(error, { idempotent: true, attempt, retryPolicy });
      return notYet(error.type, error.message, error.details, delayMs(error));
    },
  });
  const { host, hostKeyFingerprint, stages } = result;
  const bootId = parseBootId(result.stdout);
  const { notBootId } = input;
  // One that has a boot id has another one after its next boot: one that cannot be read now is none.
  if (notBootId !== undefined && (bootId === '' || bootId === notBootId)) {
    const { name, address, port } = target;
    const what = bootId === '' ? 'does not tell its boot id' : `still has the boot id ${bootId}`;
    const details = {
      ...({ stage: 'run', host: name, address, port, elapsedMs: stages.runMs, commandMayHaveRun: true } as const),
      exitCode: result.exitCode,
    };
    throw notYet('SshBootIdUnchanged', `${name} (${address}:${port}) ${what}.`, details, delayMs());
  }
  return { host, hostKeyFingerprint, bootId, attempt };
}

function notYet(type: string, message: string, details: SshFailureDetails, nextRetryDelay: number): ApplicationFailure {
  const category = ApplicationFailureCategory.BENIGN;
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: false,
    nextRetryDelay,
    category,
    details: [details],
  });
}
