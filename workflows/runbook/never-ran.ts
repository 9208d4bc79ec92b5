import { SSH_FAILURES, sshFailureOf } from '../../contract';
import type { SshRunbookStep } from '../../contract';

/**
 * Whether it is sure that nothing of a step that failed has reached the host, so that there is nothing to undo: what it names is not
 * there, or is no use.
 *
 * Of a step that may run twice an earlier attempt may have done something, and of a job too; of another command it would have been
 * `SshOutcomeUnknown`.
 */
export function neverRan(step: SshRunbookStep, error: unknown): boolean {
  if (!('exec' in step) || step.idempotent === true) return false;
  const failure = sshFailureOf(error);
  if (failure === undefined || failure.details?.commandMayHaveRun !== false) return false;
  const { stage, retryable } = SSH_FAILURES[failure.type];
  return stage === 'config' && !retryable;
}
