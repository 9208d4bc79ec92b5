import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { partBeside, partStem } from '../part-path';
import { ancestors } from './local-tree';
import type { LocalFile } from './local-tree';

const DIGITS = 8;
const PART = /^\.(.+)\.([0-9a-f]{8})([0-9a-f]{8})\.part$/s;

/**
 * The name of the unfinished copy of a file, beside it, as those of single uploads are. The first half of its digits tells
 * the step, so that what an earlier attempt left is known even where the source has changed since; the second the content.
 */
export function syncPartPath(path: string, key: string, { path: source, size, mtimeMs }: LocalFile): string {
  const step = digits([key, posix.join(posix.dirname(path), partStem(path))]);
  return partBeside(path, `${step}${digits([key, source, size, mtimeMs])}`);
}

/** The directory, below the target, in which files of a directory are unpacked. `version` is that of the source. */
export function syncStagePath(target: string, directory: string, key: string, version: string): string {
  const name = posix.join(directory, 'sync');
  const step = digits([key, posix.join(target, name)]);
  return posix.join(directory, `.sync.${step}${digits([key, directory, version])}.part`);
}

/**
 * Whether a path is that of an unfinished copy, or below a directory of such: of the step with this key, of another one, or of
 * none. `path` is below `target`.
 */
export function partOwner(target: string, path: string, key: string): 'own' | 'foreign' | undefined {
  if (!path.includes('.part')) return undefined;
  for (const above of [...ancestors(path), path]) {
    const [, name, step] = PART.exec(posix.basename(above)) ?? [];
    if (name === undefined) continue;
    return step === digits([key, posix.join(target, posix.dirname(above), name)]) ? 'own' : 'foreign';
  }
  return undefined;
}

function digits(of: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, DIGITS);
}
