import type { HostFileFacts } from '../host-files';
import { inOrder } from './compare-trees';
import { occupy } from './host-tree';
import type { HostTree } from './host-tree';
import type { LocalTree } from './local-tree';
import { partOwner } from './sync-part';
import type { TreeFilter } from './tree-filter';

/** What is to be removed from the host. */
export interface Removals {
  /** Files, and links by whatever they lead to. */
  readonly files: readonly string[];
  /** Directories that are empty then, each before the one above it. */
  readonly directories: readonly string[];
}

// Another step, or another person, may still be at work on it.
const FOREIGN_PART_SECONDS = 7 * 24 * 3_600;

/**
 * Finds what the source does not have. What the globs do not take stays, and so do devices, sockets and FIFOs, the unfinished
 * copies of other transfers for a week, and each directory in which something stays.
 */
export function planRemovals(local: LocalTree, host: HostTree, filter: TreeFilter): Removals {
  const oldest = Date.now() / 1_000 - FOREIGN_PART_SECONDS;
  const removable = (path: string, { kind, mtime }: HostFileFacts): boolean => {
    if ((kind !== 'file' && kind !== 'link') || !filter.takes(path)) return false;
    return mtime < oldest || partOwner('', path, '') === undefined;
  };
  const files: string[] = [];
  const directories: string[] = [];
  const occupied = new Set(host.occupied);
  const emptied = new Set<string>();
  for (const [path, facts] of host.entries) {
    if (local.files.has(path) || local.directories.has(path)) occupy(occupied, path);
    else if (facts.kind === 'directory') directories.push(path);
    else if (removable(path, facts)) {
      files.push(path);
      occupy(emptied, path);
    } else occupy(occupied, path);
  }
  return {
    files: inOrder(files, (path) => path),
    // With `include`, only those of which files were taken: of others nothing is known.
    directories: inOrder(directories, (path) => path)
      .reverse()
      .filter((path) => !occupied.has(path) && (!filter.partial || emptied.has(path))),
  };
}
