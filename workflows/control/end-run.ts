import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { SshCompensationOutcome, SshProgress } from '../../contract';
import { compensationFailure, someOf } from '../compensating';
import { failureText, mayHaveRun } from '../failure-text';
import { StepFailed } from '../runbook/step-failed';
import type { UndoStack } from '../undo-stack';
import type { RunControl } from './run-control';

/** A run that has failed or was cancelled. */
export interface FailedRun {
  readonly what: string;
  readonly dryRun: boolean;
  readonly control: RunControl;
  readonly stack: UndoStack;
  /** What it has come to; it is asked for again once everything is undone. */
  readonly report: () => SshProgress;
  readonly onUndoing: (name: string, undone: boolean) => void;
}

/**
 * Undoes what was done, unless it was decided that all stays as it is.
 *
 * @returns what the workflow is to throw: the cancellation; `SshCompensated` or `SshCompensationFailed` with the outcome and the report
 * as details; else `SshRunFailed` with the report
 */
export async function endRun(
  error: unknown,
  { what, dryRun, control, stack, report, onUndoing }: FailedRun
): Promise<unknown> {
  const began: unknown = StepFailed.cause(error);
  const stays = control.stays(error instanceof StepFailed && error.then === 'stop');
  const registered = stack.names;
  if (stays || registered.length === 0) {
    if (isCancellation(error)) return error;
    const { type, message } = failureText(began);
    const left = registered.length === 0 ? 'There was nothing to undo' : `Nothing was undone: ${someOf(registered)}`;
    return ApplicationFailure.create({
      type: 'SshRunFailed',
      message: dryRun
        ? `dry run of ${what}: ${message}`
        : `${what} failed. ${left}. ${error instanceof StepFailed ? error.message : `${type}: ${message}`}`,
      nonRetryable: true,
      details: [report()],
      ...(began instanceof Error && { cause: began }),
    });
  }
  const failure = { ...failureText(began), mayHaveRun: mayHaveRun(began) };
  const result = await CancellationScope.nonCancellable(() => stack.undoAll(onUndoing));
  const outcome: SshCompensationOutcome = { failure, registered, ...result };
  return compensationFailure(began, outcome, [report()]);
}
