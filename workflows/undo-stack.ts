import { CancellationScope, isCancellation, log, sleep } from '@temporalio/workflow';
import { kindOf, parseDuration } from '../contract';
import type { SshUndoFailure, SshUndoStep } from '../contract';
import type { Duration } from '@temporalio/common';
import { failureText } from './failure-text';
import { invalidOptions } from './invalid-options';
import { UndoScope } from './undo-scope';

/** How an undo step is run, for one that is a function. */
export interface UndoOptions {
  /** What it may take in all; it is cancelled then, and counts as failed. @default none; each `exec` in it has an hour */
  readonly deadline?: Duration;
  /** How often it is run until it succeeds. @default 1 */
  readonly maximumAttempts?: number;
  /** The time between two runs of it. @default '10s' */
  readonly retryInterval?: Duration;
}

/** One undo step. */
export interface RegisteredUndo {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  readonly options: UndoOptions;
  /** Of one that can be carried. */
  readonly step?: SshUndoStep;
}

/** What became of all. */
export interface UndoResult {
  readonly undone: readonly string[];
  readonly notUndone: readonly SshUndoFailure[];
}

const RETRY_INTERVAL = '10s';

/** Undo steps in the order in which they were registered. */
export class UndoStack {
  readonly #registered: RegisteredUndo[] = [];

  get names(): readonly string[] {
    return this.#registered.map(({ name }) => name);
  }

  push(undo: RegisteredUndo): void {
    checkOptions(undo);
    this.#registered.push(undo);
  }

  /** Takes an undo step back, of what was never done. */
  drop(name: string): void {
    const at = this.#registered.findLastIndex((undo) => undo.name === name);
    if (at !== -1) this.#registered.splice(at, 1);
  }

  /**
   * All of them as data.
   *
   * @throws `ApplicationFailure` of type `SshInvalidOptions` when one is a function.
   */
  carry(): readonly SshUndoStep[] {
    const functions = this.#registered.filter(({ step }) => step === undefined).map(({ name }) => name);
    if (functions.length > 0) {
      throw invalidOptions('compensating', '', [
        {
          option: 'undo',
          expected: 'steps with host and command, to carry them',
          found: `functions: ${functions.join(', ')}`,
        },
      ]);
    }
    return this.#registered.flatMap(({ step }) => step ?? []);
  }

  /** Runs all of them, last first, where no cancellation reaches them. One that fails does not keep the others from it. */
  async undoAll(onStep: (name: string, undone: boolean) => void = () => undefined): Promise<UndoResult> {
    const undone: string[] = [];
    const notUndone: SshUndoFailure[] = [];
    for (let undo = this.#registered.pop(); undo !== undefined; undo = this.#registered.pop()) {
      const current = undo;
      try {
        await new UndoScope().run(() => attempts(current));
        undone.push(current.name);
        onStep(current.name, true);
      } catch (error) {
        const failure = failureText(error);
        notUndone.push({ name: current.name, ...failure });
        onStep(current.name, false);
        log.error('undo step failed', { step: current.name, type: failure.type });
      }
    }
    return { undone, notUndone };
  }
}

async function attempts({ run, options }: RegisteredUndo): Promise<void> {
  const { maximumAttempts = 1, retryInterval = RETRY_INTERVAL } = options;
  const all = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await run();
        return;
      } catch (error) {
        if (attempt >= maximumAttempts || isCancellation(error)) throw error;
        await sleep(parseDuration(retryInterval) ?? 1);
      }
    }
  };
  const limit = parseDuration(options.deadline);
  if (limit === undefined) return all();
  try {
    await CancellationScope.withTimeout(limit, all);
  } catch (error) {
    // Nothing else can cancel it.
    if (isCancellation(error)) throw new Error(`not within ${limit} ms`, { cause: error });
    throw error;
  }
}

function checkOptions({ name, options }: RegisteredUndo): void {
  const { deadline, maximumAttempts, retryInterval } = options;
  for (const [option, value] of Object.entries({ deadline, retryInterval })) {
    if (value === undefined || parseDuration(value) !== undefined) continue;
    throw invalidOptions(`undo ${name}`, '', [{ option, expected: 'a duration', found: kindOf(value) }]);
  }
  if (maximumAttempts === undefined || (Number.isInteger(maximumAttempts) && maximumAttempts > 0)) return;
  const found = kindOf(maximumAttempts);
  throw invalidOptions(`undo ${name}`, '', [
    { option: 'maximumAttempts', expected: 'a whole number from 1 on', found },
  ]);
}
