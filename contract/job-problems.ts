import { DURATION_EXPECTED, parseDuration } from './durations';
import { EXEC_CHECKS, boolean, one, problemsBy, record } from './exec-problems';
import type { Check } from './exec-problems';
import { jobId } from './job-id-check';
import { MAX_JOB_LOG_BYTES } from './limits';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';

const duration =
  (option: string, atLeastMs = 1): Check =>
  (value) => {
    const ms = parseDuration(value);
    if (ms === undefined) return one(option, DURATION_EXPECTED, show(value));
    return ms >= atLeastMs ? [] : one(option, `at least ${atLeastMs} ms`, `${ms} ms`);
  };

const oneOf =
  (option: string, ...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string) ? [] : one(option, allowed.map((each) => `'${each}'`).join(' or '), show(value));

const line =
  (option: string, expected: string): Check =>
  (value) =>
    typeof value === 'string' && value !== '' && !/[\0\n]/.test(value) ? [] : one(option, expected, kindOf(value));

const USER = /^[a-z_][a-z0-9_-]*\$?$/;

const become: Check = (value) => {
  if (typeof value === 'boolean') return [];
  if (!record(value)) return one('become', "true, false or { user: 'name' }", kindOf(value));
  return Object.entries(value).flatMap(([name, user]) => {
    if (name !== 'user') return one(`become.${name}`, 'user', 'an unknown name');
    return user === undefined || (typeof user === 'string' && USER.test(user))
      ? []
      : one('become.user', 'the name of a user', show(user));
  });
};

const shared = (...names: readonly string[]): Readonly<Record<string, Check>> =>
  Object.fromEntries(names.map((name) => [name, EXEC_CHECKS[name] as Check]));

const REFERENCE: Readonly<Record<string, Check>> = { ...shared('host', 'timeouts'), id: jobId('id'), become };

const stdin: Check = (value) =>
  typeof value === 'string' && value.includes('\0')
    ? one('stdin', 'text without NUL', 'NUL')
    : (EXEC_CHECKS['stdin']?.(value) ?? []);

/** What a job is, and what its host holds it to: of no use where nothing is started. */
const START: Readonly<Record<string, Check>> = {
  ...shared('command', 'env', 'cwd'),
  stdin,
  shell: line('shell', 'a program'),
  umask: (value) =>
    typeof value === 'string' && /^[0-7]{3,4}$/.test(value) ? [] : one('umask', "octal such as '022'", show(value)),
  nice: (value) =>
    Number.isInteger(value) && (value as number) >= -20 && (value as number) <= 19
      ? []
      : one('nice', 'a whole number from -20 to 19', show(value)),
  ioClass: oneOf('ioClass', 'realtime', 'best-effort', 'idle'),
  deadline: duration('deadline'),
  lease: duration('lease', 10_000),
  maxLogBytes: (value) =>
    Number.isSafeInteger(value) && (value as number) > 0
      ? []
      : one('maxLogBytes', 'a whole number of bytes from 1 on', show(value)),
  bootId: line('bootId', 'a boot id'),
};

const JOB: Readonly<Record<string, Check>> = {
  ...REFERENCE,
  ...START,
  ...shared('okExitCodes', 'maxOutputBytes', 'outputEncoding'),
  killGrace: duration('killGrace'),
  follow: oneOf('follow', 'stream', 'poll'),
  pollInterval: duration('pollInterval', 1_000),
  sink: boolean('sink'),
  cleanup: oneOf('cleanup', 'success', 'never'),
};

/** The options that say what is started: not for attaching to a job that was started elsewhere. */
export const JOB_START_FIELDS: readonly string[] = Object.keys(START);

/** The fields of the input of `sshJob`. */
export const JOB_FIELDS: readonly string[] = Object.keys(JOB);

/** Everything that is wrong with the input of `sshJob`, at once. */
export function jobProblems(input: unknown): readonly OptionProblem[] {
  const problems = problemsBy(JOB, ['host', 'id'], input);
  if (!record(input) || input['command'] !== undefined) return problems;
  const lonely = JOB_START_FIELDS.filter((name) => input[name] !== undefined);
  return [...problems, ...lonely.flatMap((name) => one(name, 'it together with command', kindOf(input[name])))];
}

/** Everything that is wrong with the input of `sshJobStatus` and `sshJobCleanup`, at once. */
export function jobReferenceProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(REFERENCE, ['host', 'id'], input);
}

const CANCEL: Readonly<Record<string, Check>> = {
  ...REFERENCE,
  reason: (value) => (typeof value === 'string' ? [] : one('reason', 'a string', kindOf(value))),
  killGrace: duration('killGrace'),
};

/** Everything that is wrong with the input of `sshJobCancel`, at once. */
export function jobCancelProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(CANCEL, ['host', 'id'], input);
}

const LOG: Readonly<Record<string, Check>> = {
  ...REFERENCE,
  ...shared('outputEncoding'),
  stream: oneOf('stream', 'stdout', 'stderr'),
  from: (value) => (Number.isSafeInteger(value) ? [] : one('from', 'a whole number of bytes', show(value))),
  length: (value) =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_JOB_LOG_BYTES
      ? []
      : one('length', `a whole number of bytes from 1 to ${MAX_JOB_LOG_BYTES}`, show(value)),
};

/** Everything that is wrong with the input of `sshJobLog`, at once. */
export function jobLogProblems(input: unknown): readonly OptionProblem[] {
  return problemsBy(LOG, ['host', 'id'], input);
}
