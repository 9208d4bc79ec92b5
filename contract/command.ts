import { MAX_COMMAND_BYTES, MAX_ENV_BYTES } from './limits';

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Quotes one argument for a POSIX shell; a word that no shell would touch stays as it is. */
export function quoteArgument(argument: string): string {
  // No backslash: between single quotes fish takes it for an escape, which a command within a command would run into.
  return PLAIN_WORD.test(argument) ? argument : `'${argument.replaceAll("'", `'"'"'`)}'`;
}

/** The command line for a command that is either one already or a list of arguments. */
export function commandLine(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.map(quoteArgument).join(' ');
}

/** Whether a string is a name for an environment variable (POSIX.1-2017, 8.1). */
export function isEnvName(name: string): boolean {
  return ENV_NAME.test(name);
}

/** The length of a string in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** What is wrong with a command, as "expected, found"; `undefined` when nothing is. */
export function commandProblem(command: unknown): { expected: string; found: string } | undefined {
  const expected = 'a command line or a list of arguments';
  if (Array.isArray(command)) {
    if (command.length === 0) return { expected, found: 'an empty list' };
    const bad = command.findIndex((argument) => typeof argument !== 'string');
    if (bad !== -1) return { expected, found: `a list whose item ${bad} is no string` };
    if (command[0] === '') return { expected: 'a program as the first argument', found: 'an empty string' };
  } else if (typeof command !== 'string') {
    return { expected, found: command === null ? 'null' : typeof command };
  }
  const line = commandLine(command as string | readonly string[]);
  if (line.trim() === '') return { expected, found: 'an empty command' };
  if (line.includes('\0'))
    return { expected: `${expected} without NUL`, found: `NUL at character ${line.indexOf('\0')}` };
  const bytes = utf8Bytes(line);
  if (bytes > MAX_COMMAND_BYTES) {
    return {
      expected: `at most ${MAX_COMMAND_BYTES} bytes (send the rest through stdin or a file)`,
      found: `${bytes} bytes`,
    };
  }
  return undefined;
}

/** What is wrong with an environment, one entry for each variable; values are never shown. */
export function envProblems(
  env: Readonly<Record<string, unknown>>
): { name: string; expected: string; found: string }[] {
  const problems: { name: string; expected: string; found: string }[] = [];
  let total = 0;
  for (const [name, value] of Object.entries(env)) {
    const at = JSON.stringify(name.slice(0, 60));
    if (!isEnvName(name)) {
      problems.push({ name: at, expected: 'a name of letters, digits and _ that begins with no digit', found: at });
    } else if (typeof value !== 'string') {
      problems.push({ name, expected: 'a string', found: value === null ? 'null' : `a ${typeof value}` });
    } else if (value.includes('\0')) {
      problems.push({ name, expected: 'a string without NUL', found: 'a string with NUL' });
    } else {
      total += utf8Bytes(name) + utf8Bytes(value) + 2;
    }
  }
  if (total > MAX_ENV_BYTES) {
    problems.push({ name: '', expected: `at most ${MAX_ENV_BYTES} bytes in all`, found: `${total} bytes` });
  }
  return problems;
}
