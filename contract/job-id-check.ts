import { show } from './option-problem';
import type { OptionProblem } from './option-problem';

const JOB_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

/** The rule for an option that names a job. */
export const jobId =
  (option: string) =>
  (value: unknown): readonly OptionProblem[] =>
    typeof value === 'string' && JOB_ID.test(value)
      ? []
      : [{ option, expected: '1 to 100 of A-Z, a-z, 0-9, _, - and, not first, dots', found: show(value) }];
