import type { SshFailureDetails } from './failure-details';
import { isSshFailureType } from './failure-types';
import type { SshFailureType } from './failure-types';

/** A failure of this package as it was found in a chain of causes. */
export interface SshFailure {
  readonly type: SshFailureType;
  readonly message: string;
  /** `details[0]`; for `SshExitStatus` it also has the fields of an {@link SshExecResult}. */
  readonly details: SshFailureDetails | undefined;
  /** The error itself, for its causes. */
  readonly error: Error;
}

/**
 * Finds our failure in an error and its causes, outermost first.
 *
 * Temporal wraps what an activity throws: in `ActivityFailure`, for a client also in `WorkflowFailedError`. Use this
 * instead of counting causes. Returns `undefined` for any other error.
 */
export function sshFailureOf(error: unknown): SshFailure | undefined {
  const seen = new Set<unknown>();
  for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current);
    const { type, details } = current as { type?: unknown; details?: unknown };
    if (!isSshFailureType(type)) continue;
    const first: unknown = Array.isArray(details) ? details[0] : details;
    return { type, message: current.message, details: first as SshFailureDetails | undefined, error: current };
  }
  return undefined;
}
