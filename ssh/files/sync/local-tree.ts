import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { eachOf } from './each-of';
import { localFailure, sourceChanged } from './local-failure';
import type { TransferScope } from '../transfer-scope';
import type { TreeFilter } from './tree-filter';

/** A file of the source, as it was when the directory was read. */
export interface LocalFile {
  /** Below the directory, with `/` between names. */
  readonly path: string;
  readonly size: number;
  /** `0o777` at most. */
  readonly mode: number;
  readonly mtimeMs: number;
  readonly dev: number;
  readonly ino: number;
}

/** What of a directory is to be on the host. */
export interface LocalTree {
  readonly files: ReadonlyMap<string, LocalFile>;
  /** Directories without the top one; with `include` only those above files that are taken. */
  readonly directories: ReadonlySet<string>;
  readonly bytes: number;
}

/** Where a tree is read from, and how. */
export interface LocalTreeOptions {
  /** Absolute, with links followed. */
  readonly directory: string;
  readonly name: string;
  readonly filter: TreeFilter;
  readonly scope: TransferScope;
  /** More files and directories than this are refused. */
  readonly maxEntries: number;
}

const STATS_AT_ONCE = 16;

/**
 * Reads which files a directory has. A symbolic link to a file in the directory is taken as that file; one that leads
 * elsewhere, to a directory or nowhere is refused as `SshTransferNotAllowed`, and so is what is no file and no directory, and
 * a name that is no UTF-8. What is excluded is not looked at.
 */
export async function readLocalTree(options: LocalTreeOptions): Promise<LocalTree> {
  const { directory, name, filter, scope, maxEntries } = options;
  const files = new Map<string, LocalFile>();
  const directories = new Set<string>();
  let bytes = 0;
  const refuse = (what: string): Error =>
    scope.failure('SshTransferNotAllowed', { what: `is not sent ${what}`, stage: 'config' });

  const take = (path: string, { size, mode, mtimeMs, dev, ino }: Stats): void => {
    files.set(path, { path, size, mode: mode & 0o777, mtimeMs, dev, ino });
    bytes += size;
    if (filter.partial) for (const above of ancestors(path)) directories.add(above);
  };
  const takeLink = async (path: string): Promise<void> => {
    const target = await realpath(`${directory}/${path}`).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ELOOP') throw refuse(`${name}/${path}, a link that leads nowhere`);
      throw cause;
    });
    if (!target.startsWith(directory + sep)) throw refuse(`${name}/${path}, a link that leads out of the directory`);
    if (filter.excluded(target.slice(directory.length + 1)))
      throw refuse(`${name}/${path}, a link to what is excluded`);
    const facts = await stat(target);
    if (!facts.isFile()) throw refuse(`${name}/${path}, a link to what is no file`);
    take(path, facts);
  };
  const waiting = [''];
  const look = async (path: string): Promise<void> => {
    if (files.size + directories.size >= maxEntries) {
      const what = `is not sent ${name}, which has more than ${maxEntries} files and directories`;
      throw scope.failure('SshTransferTooLarge', { what, stage: 'config' });
    }
    const facts = await lstat(`${directory}/${path}`);
    if (facts.isDirectory()) {
      if (!filter.partial) directories.add(path);
      waiting.push(path);
    } else if (!filter.takes(path)) return;
    else if (facts.isFile()) take(path, facts);
    else if (facts.isSymbolicLink()) await takeLink(path);
    else throw refuse(`${name}/${path}, which is no file; it can be excluded`);
  };

  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    scope.signal.throwIfAborted();
    const where = path === '' ? directory : `${directory}/${path}`;
    const shown = path === '' ? name : `${name}/${path}`;
    try {
      const names = (await readdir(where, { encoding: 'buffer' })).map((raw) => {
        // On the host such a name would become another one.
        if (!isUtf8(raw)) throw refuse(`${shown}/${raw.toString('latin1')}, whose name is no UTF-8`);
        return raw.toString();
      });
      const paths = names.map((child) => (path === '' ? child : `${path}/${child}`));
      await eachOf(
        paths.filter((child) => !filter.excluded(child)),
        STATS_AT_ONCE,
        look
      );
      // A directory that became a link while it was read would have led elsewhere.
      if ((await realpath(where)) !== where) throw sourceChanged(scope, shown);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (path === '' && (code === 'ENOENT' || code === 'ENOTDIR')) {
        const what = `is not sent ${name}, which is no directory of this worker`;
        throw scope.failure('SshTransferSourceNotFound', { what, stage: 'config', cause });
      }
      throw localFailure(scope, shown, cause);
    }
  }
  return { files, directories, bytes };
}

/** The directories above a path, the topmost first. */
export function* ancestors(path: string): Iterable<string> {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) yield path.slice(0, end);
}
