import type { HostFiles } from '../host-files';
import type { TransferScope } from '../transfer-scope';
import { eachOf } from './each-of';
import type { Removals } from './plan-removals';

const AT_ONCE = { sftp: 32, exec: 4 } as const;

/** Removes files, then the directories that are empty by then, the deepest first. */
export async function removeEntries(
  files: HostFiles,
  directory: string,
  removals: Removals,
  { signal }: TransferScope
): Promise<void> {
  await eachOf(removals.files, AT_ONCE[files.via], async (path) => {
    signal.throwIfAborted();
    await files.remove(`${directory}/${path}`);
  });
  for (const level of byDepth(removals.directories).reverse()) {
    await eachOf(level, AT_ONCE[files.via], async (path) => {
      signal.throwIfAborted();
      await files.removeDirectory(`${directory}/${path}`);
    });
  }
}

/** Removes unfinished copies by their whole paths, then the directories of such, whose paths end with `/`. */
export async function removeUnfinished(files: HostFiles, parts: ReadonlySet<string>): Promise<void> {
  const isDirectory = (part: string): boolean => part.endsWith('/');
  await eachOf(
    [...parts].filter((part) => !isDirectory(part)),
    AT_ONCE[files.via],
    (part) => files.remove(part)
  );
  await eachOf([...parts].filter(isDirectory), AT_ONCE[files.via], (part) => files.removeDirectory(part.slice(0, -1)));
}

/** Makes directories, each after the one above it. */
export async function makeDirectories(
  files: HostFiles,
  directory: string,
  paths: readonly string[],
  mode: number,
  { signal }: TransferScope
): Promise<void> {
  for (const level of byDepth(paths)) {
    await eachOf(level, AT_ONCE[files.via], async (path) => {
      signal.throwIfAborted();
      await files.makeDirectory(`${directory}/${path}`, mode);
    });
  }
}

/** Those of one depth do not depend on each other. The least deep first. */
function byDepth(paths: readonly string[]): string[][] {
  const levels: string[][] = [];
  for (const path of paths) (levels[path.split('/').length - 1] ??= []).push(path);
  return levels.filter((level) => level.length > 0);
}
