import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { SourceFacts } from './file-source';

// File systems allow 255 bytes for a name; the rest is the key, the dots and the ending.
const NAME_BYTES = 200;

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
  const name = Buffer.from(posix.basename(path))
    .subarray(0, NAME_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  return posix.join(posix.dirname(path), `.${name}.${digest}.part`);
}
