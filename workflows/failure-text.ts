import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation } from '@temporalio/workflow';
import { sshFailureOf } from '../contract';

/** What a report says of an error. */
export interface FailureText {
  readonly type: string;
  readonly message: string;
}

// Reports hold many of them.
const MAX_LENGTH = 1_000;

/** The type and the text of our failure in an error, or of what Temporal has wrapped. */
export function failureText(error: unknown): FailureText {
  const { type, message } = sshFailureOf(error) ?? otherFailure(error);
  return { type, message: message.length > MAX_LENGTH ? `${message.slice(0, MAX_LENGTH)}...` : message };
}

/** Whether what failed may have done its work all the same. */
export function mayHaveRun(error: unknown): boolean {
  const failure = sshFailureOf(error);
  if (failure === undefined) return !isCancellation(error);
  return failure.details?.commandMayHaveRun ?? false;
}

function otherFailure(error: unknown): FailureText {
  const wrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  const inner: unknown = wrapped ? (error.cause ?? error) : error;
  if (!(inner instanceof Error)) return { type: 'Error', message: String(inner) };
  const type = inner instanceof ApplicationFailure ? inner.type : undefined;
  return { type: type ?? inner.name, message: inner.message };
}
