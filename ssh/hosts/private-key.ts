import { createHash, createPrivateKey } from 'node:crypto';
import { utils } from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { ed25519ToOpenssh, opensshKeyHead } from './openssh-private-key';

/** A key that is ready for use, or "found ..." for a message; it never holds a part of the key. */
export type PrivateKeyResult = { readonly key: ParsedKey } | { readonly found: string };

const NO_PASSPHRASE = 'an encrypted key and no passphrase; give it under "passphrase"';
const WRONG_PASSPHRASE = 'a key that this passphrase does not decrypt; check it with: ssh-keygen -y -f FILE';
const SECURITY_KEY =
  'the key of a FIDO security device (sk-...), which wants a touch at each login; use a plain key: ssh-keygen -t ed25519';
const DAMAGED = 'a damaged private key; check it with: ssh-keygen -y -f FILE';

/** Reads a PEM key (PKCS#1, SEC1, PKCS#8) by OpenSSL, which tells a wrong passphrase reliably and knows PKCS#8; ssh2 does not. */
function pemToSsh2(text: string, passphrase: string | undefined): string | { readonly found: string } {
  const encrypted = /^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(text);
  if (encrypted && passphrase === undefined) return { found: NO_PASSPHRASE };
  try {
    const key = createPrivateKey({ key: text, format: 'pem', ...(encrypted && { passphrase }) });
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
    if (key.asymmetricKeyType === 'ed25519') return ed25519ToOpenssh(key);
    const type = key.asymmetricKeyType ?? 'unknown';
    return { found: `a key of type ${type}, which SSH does not know; make one with: ssh-keygen -t ed25519` };
  } catch {
    return { found: encrypted ? WRONG_PASSPHRASE : DAMAGED };
  }
}

function parse(text: string, passphrase: string | undefined): PrivateKeyResult {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/.test(text)) {
    const isPublic = /^(ssh-|ecdsa-|sk-|---- BEGIN SSH2|-----BEGIN [A-Z ]*PUBLIC)/.test(text.trim());
    return {
      found: isPublic ? 'a public key; the private key is the file without .pub' : 'something that is no private key',
    };
  }
  const isOpenSsh = text.includes('-----BEGIN OPENSSH PRIVATE KEY-----');
  const isPem = !isOpenSsh && text.includes('-----BEGIN');
  const head = isOpenSsh ? opensshKeyHead(text) : undefined;
  if (head?.keyType.startsWith('sk-')) return { found: SECURITY_KEY };
  const encrypted = head !== undefined && head.cipher !== 'none';
  if (encrypted && passphrase === undefined) return { found: NO_PASSPHRASE };
  const readable = isPem ? pemToSsh2(text, passphrase) : text;
  if (typeof readable !== 'string') return readable;
  let key: unknown;
  try {
    key = utils.parseKey(readable, isPem ? undefined : passphrase);
    // Of a file with several keys, as the format allows, OpenSSH also takes the first.
    if (Array.isArray(key)) key = key[0];
  } catch {
    key = undefined;
  }
  // The library's own message is left out: it may quote what it has read.
  if (!key || key instanceof Error) return { found: encrypted ? WRONG_PASSPHRASE : DAMAGED };
  const parsed = key as ParsedKey;
  if (!parsed.isPrivateKey()) return { found: 'a key without its private part' };
  if (parsed.type === 'ssh-dss')
    return { found: 'a DSA key, which OpenSSH has not accepted since 7.0; make one with: ssh-keygen -t ed25519' };
  return { key: parsed };
}

/** Parses private keys and keeps them decrypted, because bcrypt takes a tenth of a second for each. */
export class PrivateKeyCache {
  /** By a digest of text and passphrase, so that a key file or passphrase that changes is a new key at once. */
  readonly #keys = new Map<string, ParsedKey>();
  readonly #limit: number;

  constructor(limit = 256) {
    this.#limit = limit;
  }

  parse(text: string, passphrase: string | undefined): PrivateKeyResult {
    const hash = createHash('sha256')
      .update(JSON.stringify([text, passphrase ?? null]))
      .digest('hex');
    let key = this.#keys.get(hash);
    if (key === undefined) {
      const result = parse(text, passphrase);
      if (!('key' in result)) return result;
      key = result.key;
    }
    // Least recently used first: a map keeps the order of insertion.
    this.#keys.delete(hash);
    this.#keys.set(hash, key);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > this.#limit && oldest !== undefined) this.#keys.delete(oldest);
    return { key };
  }
}
