import { commandProblem, envProblems, utf8Bytes } from './command';
import { DURATION_EXPECTED, parseDuration } from './durations';
import { MAX_OUTPUT_BYTES, MAX_STDIN_BYTES } from './limits';
import { jobId } from './job-id-check';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';
import { TIMEOUT_NAMES } from './stages';

/** Judges the value of one option. */
export type Check = (value: unknown) => readonly OptionProblem[];

/** The one thing that is wrong with an option. */
export const one = (option: string, expected: string, found: string): readonly OptionProblem[] => [
  { option, expected, found },
];

/** Whether a value is an object of names and values. */
export const record = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The rule for an option that is true or false. */
export const boolean =
  (option: string): Check =>
  (value) =>
    typeof value === 'boolean' ? [] : one(option, 'true or false', show(value));

function timeouts(value: unknown): readonly OptionProblem[] {
  if (!record(value)) return one('timeouts', `an object with ${TIMEOUT_NAMES.join(', ')}`, kindOf(value));
  return Object.entries(value).flatMap(([name, given]) => {
    if (!(TIMEOUT_NAMES as readonly string[]).includes(name)) {
      return one(`timeouts.${name}`, `one of ${TIMEOUT_NAMES.join(', ')}`, 'an unknown name');
    }
    return given === undefined || parseDuration(given) !== undefined
      ? []
      : one(`timeouts.${name}`, DURATION_EXPECTED, show(given));
  });
}

function exitCodes(value: unknown): readonly OptionProblem[] {
  const good =
    Array.isArray(value) &&
    value.every((code) => Number.isInteger(code) && (code as number) >= 0 && (code as number) <= 255);
  return good ? [] : one('okExitCodes', 'a list of exit codes from 0 to 255', kindOf(value));
}

/**
 * The rules for the input of an exec, one for each field. Both sides of Temporal check by them: the workflow before it
 * schedules anything, the activity because any caller can start it.
 */
export const EXEC_CHECKS: Readonly<Record<string, Check>> = {
  host: (value) => (typeof value === 'string' && value !== '' ? [] : one('host', "a host's name", kindOf(value))),
  command: (value) => {
    const problem = commandProblem(value);
    return problem ? one('command', problem.expected, problem.found) : [];
  },
  timeouts,
  idempotent: boolean('idempotent'),
  pty: boolean('pty'),
  stdin: (value) => {
    if (typeof value !== 'string') return one('stdin', 'a string', kindOf(value));
    const bytes = utf8Bytes(value);
    return bytes <= MAX_STDIN_BYTES ? [] : one('stdin', `at most ${MAX_STDIN_BYTES} bytes`, `${bytes} bytes`);
  },
  env: (value) => {
    if (!record(value)) return one('env', 'an object of names and strings', kindOf(value));
    return envProblems(value).map(({ name, expected, found }) => ({
      option: name ? `env.${name}` : 'env',
      expected,
      found,
    }));
  },
  cwd: (value) =>
    typeof value === 'string' && value !== '' && !value.includes('\0') ? [] : one('cwd', 'a directory', kindOf(value)),
  okExitCodes: exitCodes,
  maxOutputBytes: (value) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_OUTPUT_BYTES
      ? []
      : one('maxOutputBytes', `a whole number of bytes from 0 to ${MAX_OUTPUT_BYTES}`, kindOf(value)),
  once: jobId('once'),
  outputEncoding: (value) =>
    value === 'utf8' || value === 'base64' ? [] : one('outputEncoding', "'utf8' or 'base64'", show(value)),
};

/** The fields of an exec's input. */
export const EXEC_FIELDS = Object.keys(EXEC_CHECKS);

/** Everything that is wrong with an input, at once; an option with the value `undefined` is not given. */
export function problemsBy(
  checks: Readonly<Record<string, Check>>,
  required: readonly string[],
  input: unknown
): readonly OptionProblem[] {
  if (!record(input)) return one('input', 'an object', kindOf(input));
  const missing = required.filter((name) => input[name] === undefined);
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return [
    ...missing.flatMap((name) => checks[name]?.(undefined) ?? []),
    ...given.flatMap(([name, value]) => {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      return check ? check(value) : one(name, `one of ${Object.keys(checks).join(', ')}`, 'an unknown option');
    }),
  ];
}

/** Everything that is wrong with the input of an exec, at once; an option with the value `undefined` is not given. */
export function execProblems(input: unknown): readonly OptionProblem[] {
  const problems = problemsBy(EXEC_CHECKS, ['host', 'command'], input);
  if (!record(input) || input['once'] === undefined) return problems;
  // A job has no terminal, and needs no leave to run twice.
  const excluded = (['pty', 'idempotent'] as const).filter((name) => input[name] === true);
  return [...problems, ...excluded.flatMap((name) => one(name, 'not together with once', 'true'))];
}
