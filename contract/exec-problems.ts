import { commandProblem, envProblems, utf8Bytes } from './command';
import { DURATION_EXPECTED, parseDuration } from './durations';
import { MAX_OUTPUT_BYTES, MAX_STDIN_BYTES } from './limits';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';
import { TIMEOUT_NAMES } from './stages';

type Check = (value: unknown) => readonly OptionProblem[];

const one = (option: string, expected: string, found: string): readonly OptionProblem[] => [
  { option, expected, found },
];

const record = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const boolean =
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
const CHECKS: Readonly<Record<string, Check>> = {
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
  outputEncoding: (value) =>
    value === 'utf8' || value === 'base64' ? [] : one('outputEncoding', "'utf8' or 'base64'", show(value)),
};

/** The fields of an exec's input. */
export const EXEC_FIELDS = Object.keys(CHECKS);

/** Everything that is wrong with the input of an exec, at once; an option with the value `undefined` is not given. */
export function execProblems(input: unknown): readonly OptionProblem[] {
  if (!record(input)) return one('input', 'an object', kindOf(input));
  const required = ['host', 'command'].filter((name) => input[name] === undefined);
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return [
    ...required.flatMap((name) => CHECKS[name]?.(undefined) ?? []),
    ...given.flatMap(([name, value]) => {
      const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
      return check ? check(value) : one(name, `one of ${EXEC_FIELDS.join(', ')}`, 'an unknown option');
    }),
  ];
}
