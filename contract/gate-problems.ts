import { utf8Bytes } from './command';
import { DURATION_EXPECTED, parseDuration } from './durations';
import type { SshGateOptions, SshGateRequest, SshGateRequestInput } from './gate';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';

/** A name becomes a part of a workflow id, which the server limits to 1000 bytes. */
const MAX_NAME_BYTES = 500;
const MAX_REASON = 500;

/** What is wrong with the name of a gate. */
export function gateNameProblems(name: unknown): readonly OptionProblem[] {
  if (typeof name !== 'string' || name === '')
    return [{ option: 'name', expected: "a host's name", found: kindOf(name) }];
  if (/\p{Surrogate}/u.test(name))
    return [{ option: 'name', expected: 'a well-formed string', found: 'half a surrogate pair' }];
  const bytes = utf8Bytes(name);
  return bytes > MAX_NAME_BYTES
    ? [{ option: 'name', expected: `at most ${MAX_NAME_BYTES} bytes`, found: `${bytes} bytes` }]
    : [];
}

const OPTIONS: Readonly<Record<keyof SshGateOptions, Rule>> = {
  mode: oneOf('exclusive', 'shared'),
  reason: text(MAX_REASON),
  timeout: duration,
  maxHold: duration,
  grace: duration,
  max: count,
  checkInterval: duration,
  keepOnContinueAsNew: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  taskQueue: text(1_000),
  gate: (value) => (isObject(value) ? undefined : 'an object'),
};

/** What is wrong with the options of `withHost`. */
export function gateOptionProblems(options: Readonly<Record<string, unknown>>): readonly OptionProblem[] {
  const { gate, mode, max } = options;
  const problems = [...ruleProblems(OPTIONS, options)];
  if (isObject(gate)) problems.push(...ruleProblems({ idle: duration, requestsPerRun: count }, gate, 'gate.'));
  if (max !== undefined && mode !== 'shared') {
    problems.push({ option: 'max', expected: "mode: 'shared' with it", found: show(mode ?? 'exclusive') });
  }
  return problems;
}

const REQUEST: Readonly<Record<keyof SshGateRequest, Rule>> = {
  requestId: text(1_000),
  holder: (value) =>
    isObject(value) && ['workflowId', 'runId', 'firstRunId'].every((id) => isText(value[id]))
      ? undefined
      : 'an object with workflowId, runId and firstRunId',
  mode: oneOf('exclusive', 'shared'),
  reason: text(MAX_REASON),
  leaseMs: milliseconds,
  graceMs: milliseconds,
  max: count,
  checkMs: milliseconds,
};

/** What is wrong with a request, which any client may send. */
export function gateRequestProblems(request: unknown): readonly OptionProblem[] {
  if (!isObject(request)) return [{ option: 'request', expected: 'an object', found: kindOf(request) }];
  const missing = Object.keys(REQUEST).filter((name) => name !== 'max' && request[name] === undefined);
  return [
    ...missing.map((option) => ({ option, expected: 'it to be given', found: 'nothing' })),
    ...ruleProblems(REQUEST, request),
  ];
}

/** What is wrong with the input of the activity `sshGateRequest`. */
export function gateRequestInputProblems(input: SshGateRequestInput | undefined): readonly OptionProblem[] {
  const given: unknown = input;
  if (!isObject(given)) return [{ option: 'input', expected: 'an object', found: kindOf(given) }];
  const { name, taskQueue, request } = given;
  return [
    ...gateNameProblems(name),
    ...(isText(taskQueue) ? [] : [{ option: 'taskQueue', expected: 'a task queue', found: kindOf(taskQueue) }]),
    ...gateRequestProblems(request),
  ];
}

/** What is expected, of a value that is not it. */
type Rule = (value: unknown) => string | undefined;

function ruleProblems(
  rules: Readonly<Record<string, Rule>>,
  given: Readonly<Record<string, unknown>>,
  prefix = ''
): OptionProblem[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const expected = rule ? rule(value) : `one of ${Object.keys(rules).join(', ')}`;
    return expected === undefined ? [] : [{ option: `${prefix}${name}`, expected, found: show(value) }];
  });
}

function duration(value: unknown): string | undefined {
  return parseDuration(value) === undefined ? DURATION_EXPECTED : undefined;
}

function milliseconds(value: unknown): string | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? undefined : 'a positive number of milliseconds';
}

function count(value: unknown): string | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? undefined : 'a whole number of at least 1';
}

function text(limit: number): Rule {
  return (value) =>
    isText(value) && value.length <= limit ? undefined : `a string of 1 to ${limit} characters, well-formed`;
}

function oneOf(...values: readonly string[]): Rule {
  return (value) => (values.includes(value as string) ? undefined : `one of ${values.join(', ')}`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
