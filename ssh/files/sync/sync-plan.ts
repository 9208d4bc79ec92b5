import type { FilePair, TreeComparison } from './compare-trees';
import type { Removals } from './plan-removals';

/** Everything that a sync is going to do. */
export interface SyncPlan {
  /** Directories to be made, each after the one above it. */
  readonly directories: readonly string[];
  readonly send: readonly FilePair[];
  /** The content is there: only the permissions are others. */
  readonly adjust: readonly FilePair[];
  readonly remove: Removals;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** What a file's permissions are to be. */
export function wantedMode({ file }: FilePair, fileMode: number | undefined): number {
  return fileMode ?? file.mode;
}

/** Puts together what was found out. `same` are the files of `alike` whose content is the same. */
export function makePlan(
  { missing, different, alike, directories }: TreeComparison,
  same: ReadonlySet<string>,
  remove: Removals,
  fileMode: number | undefined
): SyncPlan {
  const changed = alike.filter(({ file }) => !same.has(file.path));
  const adjust = alike.filter(
    (pair) => same.has(pair.file.path) && ((pair.current?.mode ?? 0) & 0o777) !== (wantedMode(pair, fileMode) & 0o777)
  );
  return {
    directories,
    send: [...missing, ...different, ...changed],
    adjust,
    remove,
    created: missing.length,
    updated: different.length + changed.length + adjust.length,
    unchanged: same.size - adjust.length,
  };
}

const MOST_CHANGES = 100;

/** The plan for people, in the order of paths: `+` created, `~` updated, `-` removed; a directory ends with `/`. */
export function listChanges({ directories, send, adjust, remove }: SyncPlan): readonly string[] {
  const all: (readonly [path: string, sign: string])[] = [
    ...directories.map((path) => [`${path}/`, '+'] as const),
    ...send.map(({ file, current }) => [file.path, current ? '~' : '+'] as const),
    ...adjust.map(({ file }) => [file.path, '~'] as const),
    ...[...remove.files, ...remove.directories.map((path) => `${path}/`)].map((path) => [path, '-'] as const),
  ];
  return all
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, MOST_CHANGES)
    .map(([path, sign]) => `${sign} ${path}`);
}
