import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { FileSource, SourceFacts } from '../file-source';
import { sourceFailure, workerFailure } from './local-failure';
import { pathInRoot } from './path-in-root';
import type { AskedPath } from './path-in-root';

const CHUNK_BYTES = 512 * 1024;

// A FIFO does not make it wait.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** A file below a root. One that changes while it is read is `SshTransferSourceChanged`. */
export function localFileSource(asked: AskedPath, maxBytes: number): FileSource {
  const { host, name } = asked;
  return {
    name,
    facts: () => withFile(asked, maxBytes, (_file, stats) => Promise.resolve(factsOf(stats))),
    async *open() {
      const file = await openFile(asked).catch((error: unknown) => {
        throw sourceFailure(host, name, error);
      });
      try {
        const before = await checked(file, asked, maxBytes);
        // The next chunk is read while the one before is sent.
        let next = readAt(file, 0, before.size);
        for (let position = 0; position < before.size;) {
          const chunk = await next;
          if (chunk.length === 0) break;
          position += chunk.length;
          next = readAt(file, position, before.size);
          next.catch(() => undefined);
          yield chunk;
        }
        const after = await file.stat();
        if (after.size === before.size && after.mtimeMs === before.mtimeMs) return;
        throw workerFailure('SshTransferSourceChanged', host, `${name} changed while it was read`);
      } catch (error) {
        throw sourceFailure(host, name, error);
      } finally {
        await file.close();
      }
    },
  };
}

async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const length = Math.min(CHUNK_BYTES, size - position);
  if (length <= 0) return Buffer.alloc(0);
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
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
  const again = await pathInRoot(asked).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
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
