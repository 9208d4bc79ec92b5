import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, log } from '@temporalio/workflow';
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
 * them. All of them run, even if one fails.
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
      const failure = sshFailureOf(error);
      const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
      notUndone.push({ name, type: failure?.type ?? kind, message: failure?.message ?? message });
      log.error('undo step failed', { step: name, type: failure?.type ?? kind });
    }
  }
  return { undone, notUndone };
}
