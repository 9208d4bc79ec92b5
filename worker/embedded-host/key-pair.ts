import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { utils } from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { quoteArgument } from '../../contract';
import { configError } from '../../ssh/ssh-error';
import { assertPrivate, createFileOnce } from './private-directory';

/** An Ed25519 key pair whose private half is in a file. */
export interface KeyPair {
  readonly file: string;
  /** The content of the file, for ssh2's `Server`. Never to be logged. */
  readonly privateKey: string;
  readonly key: ParsedKey;
  /** `SHA256:` and base64 without padding, as OpenSSH prints it. */
  readonly fingerprint: string;
}

function isUsable(text: string): boolean {
  const parsed = utils.parseKey(text);
  if (parsed instanceof Error) return false;
  const probe = Buffer.from('probe');
  return parsed.verify(probe, parsed.sign(probe)) === true;
}

function generate(comment: string): string {
  // About one of 300 keys that ssh2 1.17 writes cannot be read again ("Malformed OpenSSH private key").
  for (let attempt = 0; attempt < 20; attempt++) {
    const { private: text } = utils.generateKeyPairSync('ed25519', { comment });
    if (isUsable(text)) return text;
  }
  throw new Error('No usable Ed25519 key could be generated.');
}

/**
 * Reads the Ed25519 key `name` in a private directory; the first time it is made.
 *
 * Throws `SshConfigInvalid` for a file that is open to others or holds anything else.
 */
export function openKeyPair(directory: string, name: string, comment: string): KeyPair {
  const file = createFileOnce(directory, name, () => generate(comment));
  assertPrivate(file, 'file');
  const privateKey = readFileSync(file, 'utf8');
  const key = utils.parseKey(privateKey);
  if (key instanceof Error || !key.isPrivateKey() || key.type !== 'ssh-ed25519') {
    const found =
      key instanceof Error ? key.message : `a ${key.isPrivateKey() ? 'private' : 'public'} key of type ${key.type}`;
    throw configError(
      'SshConfigInvalid',
      'local',
      `${file} is no Ed25519 private key without passphrase (${found}). To have a new one made, run: rm ${quoteArgument(file)}`
    );
  }
  const hash = createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '');
  return { file, privateKey, key, fingerprint: `SHA256:${hash}` };
}
