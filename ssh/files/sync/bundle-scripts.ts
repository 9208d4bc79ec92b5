import { posix } from 'node:path';
import { pathWord, pathWordInLine } from '../host-script';

/** Tells the number of the remote user, where bundles can be unpacked. */
export const BUNDLE_PROBE = 'command -v tar >/dev/null && command -v mv >/dev/null && id -u';

/**
 * Unpacks an archive from stdin. The stage must be what SFTP has just made, and of the same user: commands may run in another
 * root directory, or as somebody else.
 */
export function unpackScript(target: string, stage: string): string {
  const check = `[ -d ${pathWordInLine(stage)} ] && [ -O ${pathWordInLine(stage)} ]`;
  return `cd ${pathWordInLine(target)} && ${check} && tar -x -p -o -f -`;
}

/** Puts all files of stages in their places, each at once, after their bytes are on disk. Paths are below the target. */
export function placeScript(target: string, stages: ReadonlyMap<string, readonly string[]>): string {
  const moves = [...stages].map(([stage, names]) => {
    const files = names.map((name) => pathWord(`${stage}/${name}`)).join(' ');
    return `mv -f ${files} ${pathWord(posix.dirname(stage))}/ && rmdir ${pathWord(stage)}`;
  });
  return [`cd ${pathWord(target)}`, '{ sync -f . 2>/dev/null || sync; }', ...moves].join(' &&\n');
}
