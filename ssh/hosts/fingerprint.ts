import { createHash } from 'node:crypto';

/** The SHA-256 fingerprint of a key in the format of RFC 4253 section 6.6, as OpenSSH prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type of a key in the format of RFC 4253 section 6.6, such as `ssh-ed25519`; `unknown` if it has none that can be read. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return 'unknown';
  const length = key.readUInt32BE(0);
  const name = key.subarray(4, 4 + length).toString('latin1');
  // RFC 4251 section 6: names are printable US-ASCII without commas, of at most 64 characters.
  return length <= 64 && name.length === length && /^[\x21-\x2b\x2d-\x7e]+$/.test(name) ? name : 'unknown';
}

/** The key of a line such as `ssh-ed25519 AAAA... comment`; `undefined` if type and key do not belong together. */
export function parsePublicKey(line: string): Buffer | undefined {
  const [type, base64] = line.trim().split(/[ \t]+/);
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const key = Buffer.from(base64, 'base64');
  return keyType(key) === type && isWhole(key) ? key : undefined;
}

/** Whether the fields of a key, all of which have their length before them, end where it ends: one that was cut is no key. */
function isWhole(key: Buffer): boolean {
  let at = 0;
  let fields = 0;
  for (; at + 4 <= key.length; fields += 1) at += 4 + key.readUInt32BE(at);
  return at === key.length && fields >= 2;
}
