import type { HostFileFacts, HostFiles } from '../host-files';
import type { TransferScope } from '../transfer-scope';
import { ancestors } from './local-tree';
import { partOwner } from './sync-part';
import type { TreeFilter } from './tree-filter';

/** What a directory on the host has. Paths are below the directory. */
export interface HostTree {
  /** What the sync is about: what is excluded, or has a name that is no UTF-8, is not there. */
  readonly entries: ReadonlyMap<string, HostFileFacts>;
  /** Unfinished copies that earlier attempts of the same step left; directories of such with `/` at the end. */
  readonly ownParts: ReadonlyMap<string, HostFileFacts>;
  /** Directories with something in them that is left alone. */
  readonly occupied: ReadonlySet<string>;
}

/** How a tree is read. */
export interface HostTreeOptions {
  /** Absolute. */
  readonly directory: string;
  readonly filter: TreeFilter;
  readonly key: string;
  readonly scope: TransferScope;
  readonly maxEntries: number;
}

/** What a name that is no UTF-8 is read with. */
const REPLACEMENT = '\ufffd';

/** Reads what is below a directory of the host, which may be missing. */
export async function readHostTree(
  files: HostFiles,
  { directory, filter, key, scope, maxEntries }: HostTreeOptions
): Promise<HostTree> {
  const entries = new Map<string, HostFileFacts>();
  const ownParts = new Map<string, HostFileFacts>();
  const occupied = new Set<string>();
  for await (const { path, facts } of files.list(directory)) {
    scope.signal.throwIfAborted();
    if (filter.excluded(path) || path.includes(REPLACEMENT)) occupy(occupied, path);
    else if (isPartKind(facts) && partOwner(directory, path, key) === 'own') {
      ownParts.set(facts.kind === 'directory' ? `${path}/` : path, facts);
    } else entries.set(path, facts);
    if (entries.size > maxEntries) {
      const what = `has more than ${maxEntries} files and directories in ${directory}`;
      throw scope.failure('SshTransferTooLarge', { what });
    }
  }
  return { entries, ownParts, occupied };
}

function isPartKind({ kind }: HostFileFacts): boolean {
  return kind === 'file' || kind === 'directory';
}

/** Remembers that the directories above a path have to stay. */
export function occupy(occupied: Set<string>, path: string): void {
  for (const above of ancestors(path)) occupied.add(above);
}
