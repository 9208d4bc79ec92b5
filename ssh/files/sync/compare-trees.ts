import type { HostFileFacts } from '../host-files';
import type { TransferScope } from '../transfer-scope';
import type { HostTree } from './host-tree';
import type { LocalFile, LocalTree } from './local-tree';

/** A file of the source, and what the host has in its place. */
export interface FilePair {
  readonly file: LocalFile;
  readonly current: HostFileFacts | undefined;
}

/** What can be told of two trees without reading a file. */
export interface TreeComparison {
  /** The host does not have them. */
  readonly missing: readonly FilePair[];
  /** The host has others in their place. */
  readonly different: readonly FilePair[];
  /** Of equal size. */
  readonly alike: readonly FilePair[];
  /** Directories that the host does not have, each after the one above it. */
  readonly directories: readonly string[];
}

/**
 * Compares by path, kind and size. A link where the source has a file is replaced by the file; whatever else is of another
 * kind than in the source is refused as `SshTransferTargetUnsuitable`.
 */
export function compareTrees(
  local: LocalTree,
  { entries }: HostTree,
  { failure }: TransferScope,
  directory: string
): TreeComparison {
  const refuse = (path: string, { kind }: HostFileFacts, wanted: string): Error => {
    const what = `has ${KINDS[kind]} at ${directory}/${path}, where the source has a ${wanted}`;
    return failure('SshTransferTargetUnsuitable', { what });
  };
  const missing: FilePair[] = [];
  const different: FilePair[] = [];
  const alike: FilePair[] = [];
  for (const file of inOrder(local.files.values(), ({ path }) => path)) {
    const current = entries.get(file.path);
    if (current?.kind === 'directory' || current?.kind === 'other') throw refuse(file.path, current, 'file');
    const pair = { file, current };
    if (!current) missing.push(pair);
    else if (current.kind === 'link' || current.size !== file.size) different.push(pair);
    else alike.push(pair);
  }
  const directories = inOrder(local.directories, (path) => path).filter((path) => {
    const current = entries.get(path);
    if (current && current.kind !== 'directory') throw refuse(path, current, 'directory');
    return !current;
  });
  return { missing, different, alike, directories };
}

const KINDS: Record<HostFileFacts['kind'], string> = {
  file: 'a file',
  directory: 'a directory',
  link: 'a link',
  other: 'something that is no file and no directory',
};

/** The same on every worker, whatever its locale and file system. */
export function inOrder<T>(items: Iterable<T>, path: (item: T) => string): T[] {
  return [...items].sort((one, other) => (path(one) < path(other) ? -1 : 1));
}
