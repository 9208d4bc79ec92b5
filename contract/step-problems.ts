import { utf8Bytes } from './command';
import { DURATION_EXPECTED, parseDuration } from './durations';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';

const STEP_OPTIONS = ['retry', 'deadline', 'heartbeatTimeout', 'taskQueue', 'summary'] as const;

/** The names of the options that concern Temporal. */
export function isStepOption(name: string): boolean {
  return (STEP_OPTIONS as readonly string[]).includes(name);
}

/**
 * What is wrong with the options that concern Temporal. Inside a workflow the SDK would throw a `TypeError` for most of
 * it, which does not fail the workflow but makes it hang.
 */
export function stepProblems(options: Readonly<Record<string, unknown>>): readonly OptionProblem[] {
  const { retry, deadline, heartbeatTimeout, taskQueue, summary } = options;
  return [
    ...durationProblems({ deadline, heartbeatTimeout }),
    ...textProblems({ taskQueue, summary }),
    ...taskQueueProblems(taskQueue),
    ...(retry === undefined ? [] : retryProblems(retry)),
  ];
}

function durationProblems(given: Readonly<Record<string, unknown>>, prefix = ''): OptionProblem[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined && parseDuration(value) === undefined)
    .map(([name, value]) => ({ option: `${prefix}${name}`, expected: DURATION_EXPECTED, found: show(value) }));
}

function textProblems(given: Readonly<Record<string, unknown>>): OptionProblem[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined && (typeof value !== 'string' || value === ''))
    .map(([option, value]) => ({ option, expected: 'a string that is not empty', found: kindOf(value) }));
}

// Of Temporal's server (`limit.maxIDLength`).
const MAX_TASK_QUEUE_BYTES = 1_000;
const MAX_ATTEMPTS = 2 ** 31 - 1;

/** The server refuses the workflow task for such a name, again and again; half a character even ends the worker. */
function taskQueueProblems(taskQueue: unknown): OptionProblem[] {
  if (typeof taskQueue !== 'string') return [];
  const problem = (expected: string, found: string): OptionProblem[] => [{ option: 'taskQueue', expected, found }];
  if (!isWellFormed(taskQueue)) return problem('a well-formed string', 'half a surrogate pair');
  if (taskQueue.startsWith('/_sys/')) return problem('a name outside of /_sys/, which is reserved', show(taskQueue));
  const bytes = utf8Bytes(taskQueue);
  return bytes > MAX_TASK_QUEUE_BYTES ? problem(`at most ${MAX_TASK_QUEUE_BYTES} bytes`, `${bytes} bytes`) : [];
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

const RETRY_RULES: Readonly<Record<string, { expected: string; good: (value: unknown) => boolean }>> = {
  initialInterval: { expected: DURATION_EXPECTED, good: isDuration },
  maximumInterval: { expected: DURATION_EXPECTED, good: isDuration },
  backoffCoefficient: {
    expected: 'a number of at least 1',
    good: (value) => Number.isFinite(value) && (value as number) >= 1,
  },
  maximumAttempts: {
    expected: `a whole number from 1 to ${MAX_ATTEMPTS}, or Infinity`,
    good: (value) =>
      value === Infinity || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_ATTEMPTS),
  },
  nonRetryableErrorTypes: {
    expected: 'a list of failure types',
    good: (value) => Array.isArray(value) && value.every((type) => typeof type === 'string' && isWellFormed(type)),
  },
};

function retryProblems(retry: unknown): OptionProblem[] {
  if (typeof retry !== 'object' || retry === null || Array.isArray(retry)) {
    return [{ option: 'retry', expected: 'a retry policy', found: kindOf(retry) }];
  }
  const policy = retry as Record<string, unknown>;
  const problems = Object.entries(policy).flatMap(([name, value]) => {
    const rule = Object.hasOwn(RETRY_RULES, name) ? RETRY_RULES[name] : undefined;
    const option = `retry.${name}`;
    if (!rule)
      return [{ option, expected: `one of ${Object.keys(RETRY_RULES).join(', ')}`, found: 'an unknown option' }];
    return value === undefined || rule.good(value) ? [] : [{ option, expected: rule.expected, found: show(value) }];
  });
  const [initial, maximum] = [parseDuration(policy['initialInterval']), parseDuration(policy['maximumInterval'])];
  if (initial !== undefined && maximum !== undefined && maximum < initial) {
    problems.push({
      option: 'retry.maximumInterval',
      expected: 'at least retry.initialInterval',
      found: `${maximum} ms`,
    });
  }
  return problems;
}

function isDuration(value: unknown): boolean {
  return parseDuration(value) !== undefined;
}
