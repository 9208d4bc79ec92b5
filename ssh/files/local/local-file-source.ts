import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { FileSource, SourceFacts } from '../file-source';
import { sourceFailure, workerFailure } from './local-failure';
import { pathInRoot } from './path-in-root';
import type { AskedPath } from './path-in-root';
import { readHandle } from './read-handle';

// A FIFO does not make it wait.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** A file below a root. One that changes while it is read is `SshTransferSourceChanged`. */
export function localFileSource(asked: AskedPath, maxBytes: number): FileSource {
  const { host, name } = asked;
  return {
    name,
    facts: () => withFile(asked, maxBytes, (_file, stats) => Promise.resolve(factsOf(stats))),
    async *open() {
      try {
        const file = await openFile(asked);
        const before = await checked(file, asked, maxBytes).catch(closing(file));
        let read = 0;
        for await (const chunk of readHandle(file, before.size)) {
          read += chunk.length;
          yield chunk;
        }
        const after = await withFile(asked, maxBytes, (_file, stats) => Promise.resolve(stats));
        if (read === before.size && isSame(before, after)) return;
        throw workerFailure('SshTransferSourceChanged', host, `${name} changed while it was read`);
      } catch (error) {
        throw sourceFailure(host, name, error);
      }
    },
  };
}

function closing(file: FileHandle): (error: unknown) => Promise<never> {
  return async (error) => {
    await file.close();
    throw error;
  };
}

function isSame(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ino === after.ino;
}

async function withFile<T>(
  asked: AskedPath,
  maxBytes: number,
  act: (file: FileHandle, stats: Stats) => Promise<T>
): Promise<T> {
  try {
    const file = await openFile(asked);
    try {
      return await act(file, await checked(file, asked, maxBytes));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw sourceFailure(asked.host, asked.name, error);
  }
}

async function openFile(asked: AskedPath): Promise<FileHandle> {
  const path = await pathInRoot(asked);
  const file = await open(path, FLAGS);
  // What lies above it may have become a link between the look and the opening.
  const again = await pathInRoot(asked).catch(closing(file));
  if (again === path) return file;
  await file.close();
  throw workerFailure('SshTransferSourceChanged', asked.host, `${asked.name} was moved while it was opened`);
}

async function checked(file: FileHandle, { host, name }: AskedPath, maxBytes: number): Promise<Stats> {
  const stats = await file.stat();
  if (!stats.isFile()) throw workerFailure('SshTransferSourceNotFound', host, `${name} is no regular file`);
  if (stats.size <= maxBytes) return stats;
  const what = `${name} has ${stats.size} bytes, where this worker allows ${maxBytes}`;
  throw workerFailure('SshTransferTooLarge', host, what);
}

function factsOf({ size, mtimeMs, mode }: Stats): SourceFacts {
  return { size, mtime: mtimeMs / 1_000, executable: (mode & 0o111) !== 0, version: `${size}/${mtimeMs}` };
}
