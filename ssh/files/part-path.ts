import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { SourceFacts } from './file-source';

// File systems allow 255 bytes for a name; the rest is the key, the dots and the ending.
const NAME_BYTES = 200;

/** A file's name, as far as that of its unfinished copy has it. */
export function partStem(path: string): string {
  return Buffer.from(posix.basename(path))
    .subarray(0, NAME_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}

/** The path beside a file that its unfinished copy has, told apart by 16 digits. */
export function partBeside(path: string, digits: string): string {
  return posix.join(posix.dirname(path), `.${partStem(path)}.${digits}.part`);
}

/**
 * The name of the unfinished copy of a file, beside it.
 *
 * It is the same for each attempt of one step with the same content, and for nothing else: a step that still runs on a
 * worker that Temporal has given up can write into it only what is there already.
 */
export function partPath(path: string, key: string, { version, size, mtime }: SourceFacts): string {
  const content = version ?? `${size ?? ''}/${mtime ?? ''}`;
  const digest = createHash('sha256')
    .update(JSON.stringify([key, path, content]))
    .digest('hex')
    .slice(0, 16);
  return partBeside(path, digest);
}
