import { createCipheriv, createHash } from 'node:crypto';

const KEY = '0123456789abcdef0123456789abcdef';
const IV = '0'.repeat(32);
const BLOCK = Buffer.alloc(1_000_000);

/** The command of a job that writes so many megabytes that look like chance and are always the same. */
export function writeMegabytes(count: number): string {
  return `head -c ${count}000000 /dev/zero | openssl enc -aes-128-ctr -K ${KEY} -iv ${IV}`;
}

/** What the SHA-256 of that is, by another program. */
export function sha256OfMegabytes(count: number): string {
  const cipher = createCipheriv('aes-128-ctr', Buffer.from(KEY, 'hex'), Buffer.from(IV, 'hex'));
  const hash = createHash('sha256');
  for (let index = 0; index < count; index += 1) hash.update(cipher.update(BLOCK));
  return hash.digest('hex');
}
