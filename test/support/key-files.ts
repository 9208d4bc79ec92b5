import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** The types of keys that `ssh-keygen -t` makes and that the tests use. */
export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';

/** A key pair in files, as OpenSSH writes them. */
export interface KeyFiles {
  readonly type: KeyType;
  /** The private key. The public key is beside it, `<file>.pub`. */
  readonly file: string;
  /** The public key without its comment, as in `authorized_keys`: `ssh-ed25519 AAAA...`. */
  readonly publicKey: string;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

interface KeyOptions {
  readonly type?: KeyType;
  readonly passphrase?: string;
}

/** Makes a key pair with OpenSSH's own tool. */
export function makeKeyFiles(file: string, options: KeyOptions = {}): KeyFiles {
  const { type = 'ed25519' } = options;
  execFileSync('ssh-keygen', argumentsFor(file, options), { stdio: ['ignore', 'ignore', 'pipe'] });
  return describe(type, file);
}

/** The same without holding up whatever else runs in this process. */
export async function makeKeyFilesAsync(file: string, options: KeyOptions = {}): Promise<KeyFiles> {
  const { type = 'ed25519' } = options;
  await promisify(execFile)('ssh-keygen', argumentsFor(file, options));
  return describe(type, file);
}

function argumentsFor(file: string, { type = 'ed25519', passphrase = '' }: KeyOptions): readonly string[] {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  return ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', file];
}

function describe(type: KeyType, file: string): KeyFiles {
  const [algorithm = '', blob = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '');
  return { type, file, publicKey: `${algorithm} ${blob}`, fingerprint: `SHA256:${digest}` };
}
