import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SshError } from '../../../ssh/ssh-error';

/** A temporary directory in which `ssh-keygen` works. */
export interface Fixture {
  readonly dir: string;
  path(name: string): string;
  /** Writes a file, closed to others unless said otherwise. */
  write(name: string, content: string, mode?: number): string;
  /** Makes a key pair `name` and `name.pub`; options as for `ssh-keygen`. */
  key(name: string, options?: { type?: string; bits?: string; format?: string; passphrase?: string }): string;
  /** `ssh-ed25519 AAAA...`, without comment. */
  publicKey(name: string): string;
  blob(name: string): Buffer;
  /** As `ssh-keygen -lf` prints it. */
  fingerprint(name: string): string;
  /** Runs `ssh-keygen` and returns what it prints, whatever its exit code. */
  keygen(...args: string[]): string;
  remove(): void;
}

export function createFixture(): Fixture {
  const dir = mkdtempSync(join(tmpdir(), 'temporal-ssh-hosts-'));
  const path = (name: string): string => join(dir, name);
  const keygen = (...args: string[]): string => {
    try {
      return execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      return (error as { stdout?: string }).stdout ?? '';
    }
  };
  const publicKey = (name: string): string =>
    readFileSync(path(`${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')
      .trim();
  return {
    dir,
    path,
    keygen,
    publicKey,
    write(name, content, mode = 0o600) {
      writeFileSync(path(name), content, { mode });
      return path(name);
    },
    key(name, { type = 'ed25519', bits, format, passphrase = '' } = {}) {
      rmSync(path(name), { force: true });
      const options = [...(bits ? ['-b', bits] : []), ...(format ? ['-m', format] : [])];
      execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-f', path(name), '-N', passphrase, '-C', ''], {
        stdio: 'ignore',
      });
      return path(name);
    },
    blob: (name) => Buffer.from(publicKey(name).split(' ')[1] ?? '', 'base64'),
    fingerprint: (name) => keygen('-lf', path(`${name}.pub`)).split(' ')[1] ?? '',
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Runs something that must fail with an `SshError`. */
export async function failure(run: () => unknown): Promise<SshError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof SshError) return error;
    throw error;
  }
  throw new Error('did not fail');
}
