import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { sshString } from '../../ssh/auth/wire-format';

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

/**
 * A key in the format of OpenSSH's PROTOCOL.key, without a process of its own for it. (ssh2 has a function for this, of
 * which one key in some hundred cannot be read by anybody.)
 */
function makeEd25519(): { readonly text: string; readonly publicKey: string } {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const type = sshString('ssh-ed25519');
  const blob = Buffer.concat([type, sshString(point)]);
  const secret = [
    Buffer.alloc(8, 7),
    type,
    sshString(point),
    sshString(Buffer.concat([seed, point])),
    sshString('test'),
  ];
  const length = Buffer.concat(secret).length;
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[sshString('none'), sshString('none'), sshString(''), Buffer.from([0, 0, 0, 1]), sshString(blob)],
    sshString(Buffer.concat([...secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  const text = ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
  return { text, publicKey: `ssh-ed25519 ${blob.toString('base64')}` };
}

/** Makes a key pair, with OpenSSH's own tool unless it is of the kind of which the tests need hundreds. */
export function makeKeyFiles(
  file: string,
  { type = 'ed25519', passphrase = '' }: { readonly type?: KeyType; readonly passphrase?: string } = {}
): KeyFiles {
  if (type === 'ed25519' && passphrase === '') {
    const { text, publicKey } = makeEd25519();
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    writeFileSync(`${file}.pub`, `${publicKey} test\n`);
    return describe(file, type);
  }
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return describe(file, type);
}

function describe(file: string, type: KeyType): KeyFiles {
  const [algorithm = '', blob = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '');
  return { type, file, publicKey: `${algorithm} ${blob}`, fingerprint: `SHA256:${digest}` };
}
