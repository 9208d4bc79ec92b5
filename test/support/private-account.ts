import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a server is to believe of a user. */
export interface PrivateAccount {
  /** @default the user's own */
  readonly home?: string;
  /** @default the user's own */
  readonly shell?: string;
  /** @default the user's own */
  readonly password?: string;
  /** Fields of `shadow(5)` by their number, counted from 0: 2 is the last change, 7 the expiry. */
  readonly shadow?: Readonly<Record<number, string>>;
}

function withFields(file: string, user: string, fields: Readonly<Record<number, string>>): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .map((line) => {
      if (!line.startsWith(`${user}:`)) return line;
      return line
        .split(':')
        .map((value, index) => fields[index] ?? value)
        .join(':');
    })
    .join('\n');
}

function hashOf(password: string): string {
  const { stdout, status } = spawnSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' });
  if (status !== 0) throw new Error('openssl cannot hash a password');
  return stdout.trim();
}

/** Copies of `/etc/passwd` and `/etc/shadow` that say something else of one user, by their paths. */
export function privateAccountFiles(
  user: string,
  { home, shell, password, shadow = {} }: PrivateAccount
): Readonly<Record<string, string>> {
  const passwd = { ...(home !== undefined && { 5: home }), ...(shell !== undefined && { 6: shell }) };
  const secret = { ...shadow, ...(password !== undefined && { 1: hashOf(password) }) };
  const given = (fields: object): boolean => Object.keys(fields).length > 0;
  return {
    ...(given(passwd) && { '/etc/passwd': withFields('/etc/passwd', user, passwd) }),
    ...(given(secret) && { '/etc/shadow': withFields('/etc/shadow', user, secret) }),
  };
}
