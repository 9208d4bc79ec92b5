import { ApplicationFailure } from '@temporalio/common';
import { ContinueAsNew, isCancellation, log } from '@temporalio/workflow';
import { kindOf, undoStepProblems } from '../contract';
import type { SshCompensationOutcome, SshUndoStep } from '../contract';
import { failureText, mayHaveRun } from './failure-text';
import { invalidOptions, requireObject } from './invalid-options';
import { sshHost } from './ssh-host';
import { UndoStack } from './undo-stack';
import type { UndoOptions } from './undo-stack';

/**
 * Registers an undo step, before the step that it undoes: the step may have happened even if its report got lost.
 *
 * An undo step must be idempotent. Each `exec` in it runs with `idempotent: true` and a `deadline` of an hour unless it
 * says otherwise.
 */
export interface RegisterUndo {
  (name: string, undo: () => Promise<unknown>, options?: UndoOptions): void;
  /** As data, which can be carried. */
  (step: SshUndoStep, options?: UndoOptions): void;
  /**
   * What is registered, for the run that follows a continue-as-new: give it to {@link compensating} there, as `carried`.
   *
   * @throws `ApplicationFailure` of type `SshInvalidOptions` when one of them is a function.
   */
  carry(): readonly SshUndoStep[];
}

/** Options of {@link compensating}. */
export interface CompensatingOptions {
  /** What {@link RegisterUndo.carry} gave in the run before. It is undone after what this run registers. */
  readonly carried?: readonly SshUndoStep[] | undefined;
  /** Is called once the undo steps have run, also after a cancellation, whose failure has no place for details. */
  readonly onUndone?: (outcome: SshCompensationOutcome) => void;
}

/**
 * Runs `body`; if it fails or is cancelled, runs the registered undo steps, last first, where no cancellation reaches
 * them. All of them run, even if one fails. What `body` does at once with something else has to have ended when it throws
 * (`Promise.allSettled`, not `Promise.all`): a step that still runs may be done after it was undone. To continue as new is neither a failure nor a cancellation: nothing is undone.
 *
 * @throws the cancellation, once everything is undone; what `body` threw where nothing was registered.
 * @throws `ApplicationFailure` of type `SshCompensated` once everything is undone, or `SshCompensationFailed` when an undo
 * step failed, then after a cancellation too. `details[0]` is a {@link SshCompensationOutcome}; the cause is what `body` threw.
 */
export async function compensating<T>(
  body: (undo: RegisterUndo) => Promise<T>,
  { carried = [], onUndone }: CompensatingOptions = {}
): Promise<T> {
  const stack = new UndoStack();
  let over = false;
  const undo = registerOn(stack, () => over);
  // Of the workflow's input, most of the time.
  if (!Array.isArray(carried)) {
    const problem = { option: 'carried', expected: 'a list of undo steps', found: kindOf(carried) };
    throw invalidOptions('compensating', '', [problem]);
  }
  for (const step of carried as readonly SshUndoStep[]) undo(step);
  try {
    return await body(undo);
  } catch (error) {
    // Not a failure but the way on: what was done is to stay done.
    if (error instanceof ContinueAsNew) throw error;
    const registered = stack.names;
    over = true;
    if (registered.length === 0) throw error;
    const failure = { ...failureText(error), mayHaveRun: mayHaveRun(error) };
    const outcome = { failure, registered, ...(await stack.undoAll()) };
    onUndone?.(outcome);
    throw compensationFailure(error, outcome);
  }
}

/** What a failure becomes once it was compensated; `more` are details after the outcome. */
export function compensationFailure(
  error: unknown,
  outcome: SshCompensationOutcome,
  more: readonly unknown[] = []
): unknown {
  const { undone, notUndone, registered, failure } = outcome;
  const complete = notUndone.length === 0;
  if (complete && isCancellation(error)) {
    log.info('cancelled, and undone', { undone: undone.join(', ') });
    return error;
  }
  const began = `${failure.type}: ${failure.message}`;
  return ApplicationFailure.create({
    type: complete ? 'SshCompensated' : 'SshCompensationFailed',
    message: complete
      ? `Failed, and everything that was done is undone (${someOf(undone)}). It began with ${began}`
      : `${notUndone.length} of ${registered.length} undo steps failed: ${someOf(notUndone.map(({ name }) => name))}. ` +
        `They are left to undo by hand. It began with ${began}`,
    // Where all is undone, a retry of the workflow means what it meant before.
    nonRetryable: !complete || (error instanceof ApplicationFailure && error.nonRetryable === true),
    details: [outcome, ...more],
    ...(error instanceof Error && { cause: error }),
  });
}

const NAMED = 50;

/** The details have them all; a message has to stay one. */
export function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function registerOn(stack: UndoStack, isOver: () => boolean): RegisterUndo {
  const register = (what: string | SshUndoStep, second?: unknown, third: UndoOptions = {}): void => {
    if (isOver()) {
      // Of a branch that nobody waited for: the step after it must not run, since nothing would undo it.
      const message =
        'compensating: an undo step was registered after the block had failed. Wait for all branches of it.';
      throw ApplicationFailure.nonRetryable(message, 'SshRunAborted');
    }
    if (typeof what === 'string') {
      if (typeof second !== 'function') {
        const problem = { option: 'undo', expected: 'a function', found: kindOf(second) };
        throw invalidOptions(`undo ${what}`, '', [problem]);
      }
      requireObject(`undo ${what}`, 'options', '', third);
      stack.push({ name: what, run: second as () => Promise<unknown>, options: third });
      return;
    }
    requireObject('undo', 'step', '', what);
    const { name, host, command, options } = what;
    const problems = undoStepProblems(what);
    if (problems.length > 0) throw invalidOptions(`undo ${String(name)}`, '', problems);
    requireObject(`undo ${name}`, 'options', '', second ?? {});
    const run = async (): Promise<unknown> => sshHost(host).exec(command, { summary: `undo: ${name}`, ...options });
    stack.push({ name, run, options: (second as UndoOptions | undefined) ?? {}, step: what });
  };
  return Object.assign(register as RegisterUndo, { carry: () => stack.carry() });
}
