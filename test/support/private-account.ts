import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { requireProgram } from './find-program';
import type { Scratch } from './scratch';

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

let mayMount: boolean | undefined;

/** Why no private account can be had here, for `skip`; false where it can. */
export function privateAccountSkipReason(): string | false {
  mayMount ??= process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0;
  return mayMount ? false : 'only root, where it may mount, can give a server another password or shell for a user';
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

/**
 * The command line that runs a program in a mount namespace of its own, in which copies of `/etc/passwd` and
 * `/etc/shadow` say something else of one user. The real files are neither written nor hidden from anybody else.
 */
export function withPrivateAccount(
  scratch: Scratch,
  user: string,
  { home, shell, password, shadow = {} }: PrivateAccount,
  command: readonly string[]
): readonly [string, ...string[]] {
  const mounts: string[] = [];
  if (home !== undefined || shell !== undefined) {
    const fields = { ...(home !== undefined && { 5: home }), ...(shell !== undefined && { 6: shell }) };
    mounts.push(scratch.write('passwd', withFields('/etc/passwd', user, fields), 0o644), '/etc/passwd');
  }
  if (password !== undefined || Object.keys(shadow).length > 0) {
    const fields = { ...shadow, ...(password !== undefined && { 1: hashOf(password) }) };
    mounts.push(scratch.write('shadow', withFields('/etc/shadow', user, fields)), '/etc/shadow');
  }
  const script = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" && shift 2 || exit 1; done; shift; exec "$@"';
  return [requireProgram('unshare'), '-m', 'sh', '-c', script, 'sh', ...mounts, '--', ...command];
}
