import { randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SshReader, sshString } from '../auth/wire-format';

const MAGIC = 'openssh-key-v1\0';
const BLOCK = 8;

/** What an OpenSSH private key (OpenSSH's PROTOCOL.key) tells without its passphrase. */
export interface OpensshKeyHead {
  /** The name of the cipher; `none` for a key that is not encrypted. */
  readonly cipher: string;
  /** The type of the first key, such as `ssh-ed25519`. */
  readonly keyType: string;
}

/** Reads the head of a private key in the OpenSSH format; `undefined` for what is none or is damaged. */
export function opensshKeyHead(text: string): OpensshKeyHead | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  const data = Buffer.from(body ?? '', 'base64');
  if (data.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return undefined;
  try {
    const reader = new SshReader(data.subarray(MAGIC.length));
    const cipher = reader.text();
    reader.string(); // name of the key derivation
    reader.string(); // its options
    reader.uint32(); // number of keys
    return { cipher, keyType: new SshReader(reader.string()).text() };
  } catch {
    return undefined;
  }
}

/** Writes an Ed25519 key in the OpenSSH format, unencrypted: ssh2 reads no other of this type. */
export function ed25519ToOpenssh(key: KeyObject): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' });
  const [publicKey, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')];
  const type = sshString('ssh-ed25519');
  // The same twice: with a wrong passphrase they would differ.
  const check = randomBytes(4);
  const secret = [check, check, type, sshString(publicKey), sshString(Buffer.concat([seed, publicKey])), sshString('')];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from(Array.from({ length: (BLOCK - (length % BLOCK)) % BLOCK }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from(MAGIC),
    sshString('none'),
    sshString('none'),
    sshString(''),
    Buffer.from([0, 0, 0, 1]),
    sshString(Buffer.concat([type, sshString(publicKey)])),
    sshString(Buffer.concat([...secret, padding])),
  ]);
  const lines = file.toString('base64').replace(/.{70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
