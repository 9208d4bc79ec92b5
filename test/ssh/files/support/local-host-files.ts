import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HostFileFacts, HostFiles } from '../../../../ssh/files/host-files';

/** Files of this machine as if they were those of a host. */
export interface LocalHostFiles extends HostFiles {
  /** How often each method was called. */
  readonly calls: Readonly<Record<string, number>>;
  /** Called before a method does anything; what it throws is the method's failure. */
  before: (method: keyof HostFiles, path: string) => void | Promise<void>;
  /** Paths that were put in their places, in order. */
  readonly replaced: readonly string[];
}

/** For tests of what is asked of a host, and of failures at exact places. */
export function localHostFiles(): LocalHostFiles {
  const calls: Record<string, number> = {};
  const replaced: string[] = [];
  const begin = async (method: keyof HostFiles, path: string): Promise<void> => {
    calls[method] = (calls[method] ?? 0) + 1;
    await files.before(method, path);
  };
  const hash = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
  const files: LocalHostFiles = {
    calls,
    replaced,
    before: () => undefined,
    via: 'sftp',
    hostKeyFingerprint: 'SHA256:none',
    resolve: (path) => realpath(path).catch(() => resolve(path)),
    stat: async (path) => {
      await begin('stat', path);
      return lstat(path).then(factsOf, () => undefined);
    },
    async *list(directory) {
      for (const entry of await readdir(directory, { recursive: true }).catch(() => [])) {
        yield { path: entry, facts: factsOf(await lstat(join(directory, entry))) };
      }
    },
    digest: async (path, length) => {
      await begin('digest', path);
      return { sha256: hash((await readFile(path)).subarray(0, length)), by: 'host' };
    },
    digests: async (paths) => {
      await begin('digests', '');
      const found = new Map<string, string>();
      for (const path of paths) {
        const content = await readFile(path).catch(() => undefined);
        if (content) found.set(path, hash(content));
      }
      return found;
    },
    write: async (path, offset) => {
      await begin('write', path);
      if (offset === 0) await rm(path, { force: true });
      const handle = await open(path, offset === 0 ? 'wx' : 'r+', 0o600);
      await handle.truncate(offset);
      let acknowledged = offset;
      return {
        get acknowledged() {
          return acknowledged;
        },
        write: async (chunk) => {
          await files.before('write', `${path} at ${acknowledged}`);
          await handle.write(chunk, 0, chunk.length, acknowledged);
          acknowledged += chunk.length;
        },
        finish: () => handle.close(),
        abandon: () => handle.close(),
      };
    },
    writeWhole: async (path, content) => {
      await begin('writeWhole', path);
      await rm(path, { force: true });
      await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    },
    read: () => {
      throw new Error('nobody reads back');
    },
    setAttributes: async (path, { mode }) => {
      await begin('setAttributes', path);
      if (mode !== undefined) await chmod(path, mode);
    },
    keep: (path, as) => link(path, as),
    replace: async (from, to) => {
      await begin('replace', to);
      await rename(from, to);
      replaced.push(to);
    },
    remove: async (path) => {
      await begin('remove', path);
      await rm(path, { force: true });
    },
    removeDirectory: async (path) => {
      await begin('removeDirectory', path);
      await rmdir(path).catch(() => undefined);
    },
    makeDirectory: async (path, mode) => {
      await begin('makeDirectory', path);
      await mkdir(path, { recursive: true, mode });
    },
    run: () => Promise.reject(new Error('no commands')),
    close: () => Promise.resolve(),
  };
  return files;
}

function factsOf(stats: Stats): HostFileFacts {
  const { size, mode, uid, gid, mtimeMs } = stats;
  const kinds = [
    ['file', stats.isFile()],
    ['directory', stats.isDirectory()],
    ['link', stats.isSymbolicLink()],
  ] as const;
  const kind = kinds.find(([, is]) => is)?.[0] ?? 'other';
  return { kind, size, mode: mode & 0o7777, uid, gid, mtime: Math.trunc(mtimeMs / 1_000) };
}
