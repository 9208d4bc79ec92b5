import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { CancellationScope, ContinueAsNew, log } from '@temporalio/workflow';
import { sshFailureOf } from '../contract';

/** Registers an undo step, before the step that it undoes: the step may have happened even if its report got lost. */
export type RegisterUndo = (name: string, undo: () => Promise<unknown>) => void;

/** `details[0]` of `SshCompensationFailed`. */
export interface CompensationOutcome {
  /** The undo steps that succeeded, in the order in which they ran. */
  readonly undone: readonly string[];
  readonly notUndone: readonly { readonly name: string; readonly type: string; readonly message: string }[];
}

/**
 * Runs `body`; if it fails or is cancelled, runs the registered undo steps, last first, where no cancellation reaches
 * them. All of them run, even if one fails. To continue as new is neither a failure nor a cancellation: nothing is undone.
 *
 * @throws what `body` threw, once everything is undone.
 * @throws `ApplicationFailure` of type `SshCompensationFailed` when an undo failed; `details[0]` is a
 * {@link CompensationOutcome}, and the cause is what `body` threw.
 */
export async function compensating<T>(body: (undo: RegisterUndo) => Promise<T>): Promise<T> {
  const registered: { readonly name: string; readonly undo: () => Promise<unknown> }[] = [];
  try {
    return await body((name, undo) => void registered.push({ name, undo }));
  } catch (error) {
    // Not a failure but the way on: what was done is to stay done.
    if (error instanceof ContinueAsNew) throw error;
    const outcome = await CancellationScope.nonCancellable(() => undoAll(registered.reverse()));
    if (outcome.notUndone.length === 0) throw error;
    const names = outcome.notUndone.map(({ name }) => name).join(', ');
    throw ApplicationFailure.create({
      type: 'SshCompensationFailed',
      message: `${outcome.notUndone.length} of ${registered.length} undo steps failed: ${names}. They are left to undo by hand.`,
      nonRetryable: true,
      details: [outcome],
      ...(error instanceof Error && { cause: error }),
    });
  }
}

async function undoAll(steps: readonly { name: string; undo: () => Promise<unknown> }[]): Promise<CompensationOutcome> {
  const undone: string[] = [];
  const notUndone: { name: string; type: string; message: string }[] = [];
  for (const { name, undo } of steps) {
    try {
      await undo();
      undone.push(name);
    } catch (error) {
      const { type, message } = sshFailureOf(error) ?? otherFailure(error);
      notUndone.push({ name, type, message });
      log.error('undo step failed', { step: name, type });
    }
  }
  return { undone, notUndone };
}

/** What Temporal wraps says only that an activity or a child workflow failed. */
function otherFailure(error: unknown): { type: string; message: string } {
  const wrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  const inner: unknown = wrapped ? (error.cause ?? error) : error;
  if (!(inner instanceof Error)) return { type: 'Error', message: String(inner) };
  const type = inner instanceof ApplicationFailure ? inner.type : undefined;
  return { type: type ?? inner.name, message: inner.message };
}
