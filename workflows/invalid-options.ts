import { ApplicationFailure } from '@temporalio/common';
import { describeProblems, kindOf } from '../contract';
import type { OptionProblem } from '../contract';

/** A bad option must fail the workflow: a `TypeError` would make it hang instead. */
export function invalidOptions(subject: string, host: string, problems: readonly OptionProblem[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(describeProblems(subject, problems), 'SshInvalidOptions', {
    stage: 'config',
    host,
    elapsedMs: 0,
    commandMayHaveRun: false,
  });
}

/** Refuses what is no object of options. */
export function requireObject(subject: string, option: string, host: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalidOptions(subject, host, [{ option, expected: 'an object', found: kindOf(value) }]);
}
