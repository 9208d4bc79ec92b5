import { commandProblem } from './command';
import { DURATION_EXPECTED, parseDuration } from './durations';
import { execProblems, one, record } from './exec-problems';
import type { Check } from './exec-problems';
import { jobProblems } from './job-problems';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';
import { isStepOption, stepProblems } from './step-problems';

/** Puts where they are before what is wrong there. */
export function within(path: string, problems: readonly OptionProblem[]): readonly OptionProblem[] {
  return problems.map((problem) => ({
    ...problem,
    option: problem.option === '' ? path : `${path}.${problem.option}`,
  }));
}

/** The rule for a name. */
export const name: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 100 && !/\p{Cc}/u.test(value)
    ? []
    : one('', 'a name of 1 to 100 characters', show(value));

/** The rule for a command. */
export const command: Check = (value) => {
  const problem = commandProblem(value);
  return problem ? one('', problem.expected, problem.found) : [];
};

/** The rule for a duration. */
export const duration: Check = (value) =>
  parseDuration(value) === undefined ? one('', DURATION_EXPECTED, show(value)) : [];

/** The rule for one of some words. */
export const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string) ? [] : one('', `one of ${allowed.join(', ')}`, show(value));

/** The rule for true or false. */
export const flag: Check = (value) => (typeof value === 'boolean' ? [] : one('', 'true or false', show(value)));

/** The rule for text that is not empty. */
export const text: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' ? [] : one('', 'text', kindOf(value));

/** The rule for a whole number from 1 on. */
export const count: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? [] : one('', 'a whole number from 1 on', show(value));

/** The rule for a list whose elements have one. */
export const listOf =
  (check: Check, expected: string): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0
      ? value.flatMap((each: unknown, index) => within(`[${index}]`, check(each)))
      : one('', expected, kindOf(value));

/** The rule for hosts, by names or labels. */
export const hosts: Check = (value) => {
  if (Array.isArray(value)) {
    const twice = value.filter((each, index) => value.indexOf(each) !== index);
    if (twice.length > 0) return one('', 'each host once', `${show(twice[0])} twice`);
    return listOf(
      (each) => (typeof each === 'string' && each !== '' ? [] : one('', "a host's name", kindOf(each))),
      'hosts'
    )(value);
  }
  if (!record(value)) return one('', 'a list of names, or labels', kindOf(value));
  return objectOf({ labels }, ['labels'])(value);
};

const labels: Check = (value) => {
  if (!record(value) || Object.keys(value).length === 0) return one('', 'an object of labels', kindOf(value));
  return Object.entries(value).flatMap(([label, wanted]) => {
    const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    const good = values.length > 0 && values.every((each) => typeof each === 'string');
    return good ? [] : one(label, 'a text, or a list of texts', kindOf(wanted));
  });
};

/** The rule for an object: which fields it may have, and must. */
export const objectOf =
  (fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value) => {
    if (!record(value)) return one('', 'an object', kindOf(value));
    const missing = required.filter((field) => value[field] === undefined);
    return [
      ...missing.flatMap((field) => one(field, 'it to be there', 'nothing')),
      ...Object.entries(value).flatMap(([field, given]) => {
        if (given === undefined) return [];
        const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
        return check
          ? within(field, check(given))
          : one(field, `one of ${Object.keys(fields).join(', ')}`, 'an unknown field');
      }),
    ];
  };

/** What is wrong with a command and its options, where `field` holds the command. */
export function execStepProblems(step: Readonly<Record<string, unknown>>, field: string): readonly OptionProblem[] {
  const { [field]: commandGiven, once, ...options } = step;
  const [temporal, exec] = split(options);
  const input = { ...exec, host: 'host', command: commandGiven, ...(once === true && { once: 'id' }) };
  const misused = once === undefined || typeof once === 'boolean' ? [] : one('once', 'true or false', show(once));
  return renamed([...misused, ...execProblems(input), ...stepProblems(temporal)], field);
}

/** What is wrong with a job and its options. */
export function jobStepProblems(step: Readonly<Record<string, unknown>>, field: string): readonly OptionProblem[] {
  const { [field]: commandGiven, id = 'id', ...options } = step;
  const [{ deadline, ...temporal }, job] = split(options);
  const input = { ...job, host: 'host', id, command: commandGiven, ...(deadline !== undefined && { deadline }) };
  return renamed([...jobProblems(input), ...stepProblems(temporal)], field);
}

/** The rule for a transfer: an object with what the input of its activity has, but for the host, and the options of steps. */
export const transferOf =
  (problemsOf: (input: unknown) => readonly OptionProblem[]): Check =>
  (value) => {
    if (!record(value)) return one('', 'an object with from and to', kindOf(value));
    const [temporal, input] = split(value);
    const misplaced = input['host'] === undefined ? [] : one('host', 'the hosts of the step', 'a host');
    return [...misplaced, ...problemsOf({ ...input, host: 'host' }), ...stepProblems(temporal)];
  };

function split(options: Readonly<Record<string, unknown>>): [Record<string, unknown>, Record<string, unknown>] {
  const entries = Object.entries(options);
  return [
    Object.fromEntries(entries.filter(([option]) => isStepOption(option))),
    Object.fromEntries(entries.filter(([option]) => !isStepOption(option))),
  ];
}

function renamed(problems: readonly OptionProblem[], field: string): readonly OptionProblem[] {
  return problems.map((problem) => ({ ...problem, option: problem.option === 'command' ? field : problem.option }));
}

/** What is wrong with an undo step as data; told when it is registered, not when it is needed. */
export function undoStepProblems(step: unknown): readonly OptionProblem[] {
  if (!record(step)) return one('step', 'an object', kindOf(step));
  const { name: called, host, command: undoing, options = {}, ...others } = step;
  return [
    ...within('name', typeof called === 'string' && called !== '' ? [] : one('', 'a name', kindOf(called))),
    ...(typeof host === 'string' && host !== '' ? [] : one('host', "a host's name", kindOf(host))),
    ...(record(options)
      ? execStepProblems({ ...options, command: undoing }, 'command')
      : one('options', 'an object', kindOf(options))),
    ...Object.keys(others).flatMap((field) => one(field, 'one of name, host, command, options', 'an unknown field')),
  ];
}
