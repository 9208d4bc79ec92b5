import { MAX_RESULT_BYTES, utf8Bytes } from '../contract';
import type { OptionProblem } from '../contract';

// Temporal's limit for a payload is the same in both directions.
const MAX_INPUT_BYTES = MAX_RESULT_BYTES;

/** Temporal terminates a workflow that schedules an activity with more, and nothing in it gets to know. */
export function sizeProblems(input: unknown): OptionProblem[] {
  const bytes = utf8Bytes(JSON.stringify(input));
  if (bytes <= MAX_INPUT_BYTES) return [];
  const expected = `at most ${MAX_INPUT_BYTES} bytes as JSON, where a control character takes six`;
  return [{ option: 'command, stdin and env together', expected, found: `${bytes} bytes` }];
}
