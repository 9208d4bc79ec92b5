import { commandLine, commandProblem } from './command';
import { DURATION_EXPECTED, parseDuration } from './durations';
import { EXEC_CHECKS, one, problemsBy, record } from './exec-problems';
import type { Check } from './exec-problems';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';

const SHORTEST_MS = 1_000;
const MOST_PROGRAMS = 1_000;

const shared = (...names: readonly string[]): Readonly<Record<string, Check>> =>
  Object.fromEntries(names.map((name) => [name, EXEC_CHECKS[name] as Check]));

// Temporal does not schedule sooner, and for a delay of 0 not at all.
const every: Check = (value) => {
  const ms = parseDuration(value);
  if (ms === undefined) return one('every', DURATION_EXPECTED, show(value));
  return ms >= SHORTEST_MS ? [] : one('every', `at least ${SHORTEST_MS} ms`, `${ms} ms`);
};

const REACHABLE: Readonly<Record<string, Check>> = {
  ...shared('host', 'timeouts'),
  notBootId: (value) => (typeof value === 'string' && value !== '' ? [] : one('notBootId', 'a boot id', kindOf(value))),
  every,
};

/** Everything that is wrong with the input of `sshReachable`, at once. */
export function reachableProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(REACHABLE, ['host'], input);
}

const HEALTHY: Readonly<Record<string, Check>> = {
  ...shared('host', 'command', 'env', 'cwd', 'stdin', 'okExitCodes', 'timeouts'),
  every,
  soak: (value) =>
    value === 0 || parseDuration(value) !== undefined ? [] : one('soak', `${DURATION_EXPECTED}, or 0`, show(value)),
  failAfter: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 1
      ? []
      : one('failAfter', 'a whole number of looks from 1 on', show(value)),
};

/** Everything that is wrong with the input of `sshHealthy`, at once. */
export function healthyProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(HEALTHY, ['host', 'command'], input);
}

const text = (value: unknown): value is string => typeof value === 'string' && value !== '';

const LIST_HOSTS: Readonly<Record<string, Check>> = {
  labels: (value) => {
    if (!record(value)) return one('labels', 'an object of names and values', kindOf(value));
    return Object.entries(value).flatMap(([name, wanted]) => {
      const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
      const good = values.length > 0 && values.every((each) => typeof each === 'string');
      // A label that is not given would choose more hosts than it was meant to.
      return good ? [] : one(`labels.${name}`, 'a string, or a list of them', kindOf(wanted));
    });
  },
  names: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(text)
      ? []
      : one('names', 'a list of names that is not empty', kindOf(value)),
};

/** Everything that is wrong with the input of `sshListHosts`, at once. */
export function listHostsProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(LIST_HOSTS, [], input);
}

const programs: Check = (value) => {
  const expected = 'a list of names or paths of programs';
  if (!Array.isArray(value)) return one('programs', expected, kindOf(value));
  // What begins with a dash would be an option of `command`.
  const bad = value.findIndex((program) => !text(program) || program.startsWith('-') || /[\0\n]/.test(program));
  if (bad !== -1) return one(`programs.${bad}`, 'the name or path of a program', show(value[bad]));
  if (value.length > MOST_PROGRAMS) return one('programs', `at most ${MOST_PROGRAMS}`, String(value.length));
  const problem = value.length > 0 ? commandProblem(commandLine(value as readonly string[])) : undefined;
  return problem ? one('programs', problem.expected, problem.found) : [];
};

const CHECK: Readonly<Record<string, Check>> = { ...shared('host', 'timeouts'), programs };

/** Everything that is wrong with the input of `sshCheck`, at once. */
export function checkProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(CHECK, ['host'], input);
}
