import { homedir, hostname } from 'node:os';
import { resolveConfigPath } from '../config-path';
import { localUser } from '../local-user';
import { expandTokens } from '../tokens';
import type { ConfigLine } from './parse-line';

/** A value that is wrong. */
export class ConfigValueError extends Error {
  constructor(
    /** None for what is wrong with the host as a whole. */
    readonly line: ConfigLine | undefined,
    message: string,
    readonly unsupported = false
  ) {
    super(message);
  }
}

/** The one value of a line. */
export function single(line: ConfigLine): string {
  const [value, more] = line.args;
  if (value === undefined || value === '' || more !== undefined) throw expected(line, 'one value');
  return value;
}

export function expected(line: ConfigLine, what: string): ConfigValueError {
  return new ConfigValueError(line, `expected ${what}, found ${JSON.stringify(line.rest.slice(0, 100))}`);
}

export function flag(line: ConfigLine): boolean {
  const value = single(line).toLowerCase();
  if (value === 'yes' || value === 'true') return true;
  if (value === 'no' || value === 'false') return false;
  throw expected(line, 'yes or no');
}

export function wholeNumber(line: ConfigLine, least: number, most: number): number {
  const value = single(line);
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw expected(line, `a number from ${least} to ${most}`);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A time of sshd_config(5), "TIME FORMATS", such as `90` or `1m30s`, in milliseconds. */
export function duration(line: ConfigLine): number {
  const value = single(line).toLowerCase();
  if (!/^(?:\d{1,9}[smhdw]?)+$/.test(value)) throw expected(line, 'a number of seconds or a time such as 1m30s');
  let seconds = 0;
  for (const [, digits = '', unit = ''] of value.matchAll(/(\d+)([smhdw]?)/g))
    seconds += Number(digits) * (UNITS[unit] ?? 0);
  return seconds * 1_000;
}

/** What tokens stand for in the paths of one host (ssh_config(5), "TOKENS"). */
export function pathTokens(host: {
  name: string;
  address: string;
  port: number;
  user: string;
  alias: string | undefined;
}): Readonly<Record<string, string>> {
  return {
    d: homedir(),
    h: host.address,
    i: String(process.getuid?.() ?? ''),
    k: host.alias ?? host.name,
    L: hostname().replace(/\..*/, ''),
    n: host.name,
    p: String(host.port),
    r: host.user,
    u: localUser(),
  };
}

/** An absolute path, with tokens and `${VARIABLES}` filled in. */
export function configPath(line: ConfigLine, text: string, tokens: Readonly<Record<string, string>>): string {
  const withVariables = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined)
      throw new ConfigValueError(line, `expected the environment variable ${name} of the worker, found none`);
    // What a variable holds is no token.
    return value.replaceAll('%', '%%');
  });
  const path = expandTokens(withVariables, tokens, (token) => {
    throw new ConfigValueError(line, `the token ${token} is not supported`, true);
  });
  if (/^~[^/]/.test(path)) throw new ConfigValueError(line, "another user's home directory is not supported", true);
  // As for ssh, relative paths start at the working directory.
  return resolveConfigPath(path, process.cwd());
}
