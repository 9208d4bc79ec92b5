import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { RetryPolicy } from '@temporalio/common';
import { failureFacts } from '../contract';
import type { SshFailureDetails, SshOutputEncoding } from '../contract';
import type { SshError } from '../ssh/ssh-error';
import { FAILURE_HELP } from '../ssh/failure-help';
import { fitResult } from './fit-result';
import type { FittedOutput } from './fit-result';
import { coolDownDelayMs, retryDelayMs } from './retry-delay';

/** What decides, besides the error itself, whether and when a step is tried again. */
export interface FailureContext {
  readonly idempotent: boolean;
  readonly attempt: number;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly outputEncoding?: SshOutputEncoding | undefined;
  /** What the command or job left, where the error itself does not have it. */
  readonly result?: FittedOutput | undefined;
}

/**
 * The Temporal failure for an error of the engine: same type, message and details.
 *
 * A command that may have run and must not run twice makes it a terminal `SshOutcomeUnknown`, with the failure itself
 * as its cause. The causes below the engine's error stay on the worker: they hold what a server said, uncleaned.
 */
export function toApplicationFailure(error: SshError, context: FailureContext): ApplicationFailure {
  const { type, message, retryable } = error;
  const { idempotent, attempt, retryPolicy, outputEncoding, result = error.result } = context;
  const details = result ? { ...error.details, ...fitResult(result, outputEncoding) } : error.details;
  const uncertain = error.details.commandMayHaveRun && !failureFacts(type).outcomeKnown;
  if (uncertain && !idempotent) {
    const cause = ApplicationFailure.create({ type, message, nonRetryable: true, details: [details] });
    return outcomeUnknown(`${firstSentence(message)} The command may have run.`, error.details, cause);
  }
  if (!retryable) return ApplicationFailure.create({ type, message, nonRetryable: true, details: [details] });
  const nextRetryDelay = delayOf(error, attempt, retryPolicy);
  // Our own waiting is no news: what made us wait was told before.
  const category = type === 'SshHostCoolingDown' ? { category: ApplicationFailureCategory.BENIGN } : {};
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: false,
    nextRetryDelay,
    details: [details],
    ...category,
  });
}

function delayOf({ type, retryAfterMs }: SshError, attempt: number, retryPolicy: RetryPolicy | undefined): number {
  const own = retryDelayMs(type, attempt, retryPolicy);
  if (retryAfterMs === undefined) return own;
  const coolDown = coolDownDelayMs(retryAfterMs);
  return type === 'SshHostCoolingDown' ? coolDown : Math.max(coolDown, own);
}

/** The failure of a step whose command may have run and must not run again. */
export function outcomeUnknown(what: string, details: SshFailureDetails, cause?: Error): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'SshOutcomeUnknown',
    message: `${what} ${FAILURE_HELP.SshOutcomeUnknown.next}`,
    nonRetryable: true,
    details: [details],
    ...(cause && { cause }),
  });
}

/** The message without its advice, which is for the failure below and not for this one. */
function firstSentence(message: string): string {
  const end = message.indexOf(' ms).');
  return end === -1 ? message : message.slice(0, end + 5);
}
