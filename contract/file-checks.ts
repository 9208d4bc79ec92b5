import { commandLine, commandProblem, utf8Bytes } from './command';
import { one, record } from './exec-problems';
import type { Check } from './exec-problems';
import { MAX_CONTENT_BYTES, MAX_FILE_NAME_BYTES, MAX_PATH_BYTES } from './limits';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';

const MOST_GLOBS = 1_000;

/** What is wrong with a path, whatever it names. */
export function pathProblem(value: unknown): { readonly expected: string; readonly found: string } | undefined {
  const expected = 'a path';
  if (typeof value !== 'string' || value === '') return { expected, found: kindOf(value) };
  if (value.includes('\0')) return { expected: 'a path without NUL', found: `NUL at character ${value.indexOf('\0')}` };
  if (/\p{Surrogate}/u.test(value)) return { expected: 'a well-formed path', found: 'half a surrogate pair' };
  const bytes = utf8Bytes(value);
  if (bytes > MAX_PATH_BYTES) return { expected: `at most ${MAX_PATH_BYTES} bytes`, found: `${bytes} bytes` };
  return undefined;
}

/** What is wrong with the path of a file. */
export function filePathProblem(value: unknown): { readonly expected: string; readonly found: string } | undefined {
  const problem = pathProblem(value);
  if (problem) return problem;
  const name = (value as string).split('/').at(-1) ?? '';
  if (name === '' || name === '.' || name === '..') return { expected: 'the path of a file', found: show(value) };
  const bytes = utf8Bytes(name);
  if (bytes <= MAX_FILE_NAME_BYTES) return undefined;
  // The unfinished copy beside the file is called after it.
  return { expected: `a file name of at most ${MAX_FILE_NAME_BYTES} bytes`, found: `${bytes} bytes` };
}

/** The rule for the path of a file on the host. */
export const filePath =
  (option: string): Check =>
  (value) => {
    const problem = filePathProblem(value);
    return problem ? one(option, problem.expected, problem.found) : [];
  };

/** The rule for the path of a directory on the host. */
export const directoryPath =
  (option: string): Check =>
  (value) => {
    const problem = pathProblem(value);
    return problem ? one(option, problem.expected, problem.found) : [];
  };

/** The rule for permissions. */
export const mode =
  (option: string): Check =>
  (value) =>
    typeof value === 'string' && /^0?[0-7]{3,4}$/.test(value)
      ? []
      : one(option, "permissions as an octal string such as '0644'", show(value));

/** Whether a value is a SHA-256 as hexadecimal digits. */
export function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value);
}

/** The rule for a checksum. */
export const sha256: Check = (value) =>
  isSha256(value) ? [] : one('sha256', 'the SHA-256 as 64 hexadecimal digits', show(value));

// What `chown` takes for a name. None begins with a dash, which would be an option.
const OWNER = /^(?!$)([\w][\w.@-]*\$?)?(:[\w][\w.@-]*\$?)?$/;

/** The rule for an owner. */
export const owner: Check = (value) =>
  typeof value === 'string' && OWNER.test(value) && value.length <= 200
    ? []
    : one('owner', 'USER, USER:GROUP or :GROUP, by name or number', show(value));

/** The rule for a command that checks a file. */
export const validate: Check = (value) => {
  const problem = commandProblem(value);
  if (problem) return one('validate', problem.expected, problem.found);
  const line = commandLine(value as string | readonly string[]);
  return line.includes('{}') ? [] : one('validate', 'a command with {} for the path of the new file', 'no {}');
};

/** The rule for a list of globs. */
export const globs =
  (option: string): Check =>
  (value) => {
    if (!Array.isArray(value)) return one(option, 'a list of globs', kindOf(value));
    if (value.length > MOST_GLOBS) return one(option, `at most ${MOST_GLOBS} globs`, String(value.length));
    return value.flatMap((glob: unknown, index) => {
      const at = `${option}.${index}`;
      const problem = pathProblem(glob);
      if (problem) return one(at, problem.expected.replace('path', 'glob'), problem.found);
      const outside = (glob as string).startsWith('/') || (glob as string).split('/').includes('..');
      return outside ? one(at, 'a glob relative to the directory', show(glob)) : [];
    });
  };

/** The rule for a whole number from `least` on. */
export const wholeNumber =
  (option: string, least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least
      ? []
      : one(option, `a whole number from ${least} on`, show(value));

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What is wrong with the content of a file; it is not shown. */
export function contentProblems(content: unknown, encoding: unknown): readonly OptionProblem[] {
  if (typeof content !== 'string') return one('content', 'a text', kindOf(content));
  const decoded = content.replace(/[\r\n]/g, '');
  if (encoding === 'base64' && !BASE64.test(decoded)) return one('content', 'base64', kindOf(content));
  const padding = decoded.endsWith('==') ? 2 : decoded.endsWith('=') ? 1 : 0;
  const bytes = encoding === 'base64' ? (decoded.length / 4) * 3 - padding : utf8Bytes(content);
  if (bytes <= MAX_CONTENT_BYTES) return [];
  return one('content', `at most ${MAX_CONTENT_BYTES} bytes (upload a larger file)`, `${bytes} bytes`);
}

/** The rule for the values of a template; they are not shown. */
export const values: Check = (value) => {
  if (!record(value)) return one('values', 'an object of names and values', kindOf(value));
  return Object.entries(value).flatMap(([name, given]) => {
    const plain = typeof given === 'string' || typeof given === 'boolean' || Number.isFinite(given);
    if (plain) return [];
    const secret = record(given) ? given['secret'] : undefined;
    const good = record(given) && Object.keys(given).length === 1 && typeof secret === 'string' && secret !== '';
    return good ? [] : one(`values.${name}`, 'a text, a number, true or false, or { secret: NAME }', kindOf(given));
  });
};
