import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSink, SinkPart, SinkWriter } from '../file-sink';
import { partBeside } from '../part-path';
import { sinkFailure, workerFailure } from './local-failure';
import { pathInRoot } from './path-in-root';
import type { AskedPath } from './path-in-root';
import { readHandle } from './read-handle';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A file below a root. It is written beside its place with mode 0600, and put in its place at once when it is proven. */
export function localFileSink(asked: AskedPath, mode: number): FileSink {
  const { host, name } = asked;
  const failing = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw sinkFailure(host, name, error);
    }
  };
  return {
    name,
    current: () =>
      failing(async () => {
        const there = await existing(await pathInRoot(asked, true));
        if (!there || there.isFile) return there;
        throw workerFailure('SshTransferTargetUnsuitable', host, `On this worker ${name} is no regular file`);
      }),
    part: (key) =>
      failing(async () => {
        const there = await existing(partBeside(await pathInRoot(asked, true), key.slice(0, 16)));
        return there?.isFile ? there : undefined;
      }),
    open: (key, offset) =>
      failing(async () => {
        const path = await pathInRoot(asked, true);
        return localWriter(path, partBeside(path, key.slice(0, 16)), { offset, mode, failing });
      }),
  };
}

async function existing(path: string): Promise<(SinkPart & { readonly isFile: boolean }) | undefined> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  const stats = await file.stat();
  await file.close();
  return {
    size: stats.size,
    isFile: stats.isFile(),
    async *read() {
      const again = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      yield* readHandle(again, stats.size);
    },
  };
}

interface Writing {
  readonly offset: number;
  readonly mode: number;
  readonly failing: <T>(act: () => Promise<T>) => Promise<T>;
}

async function localWriter(path: string, part: string, { offset, mode, failing }: Writing): Promise<SinkWriter> {
  const file = await openPart(part, offset);
  let position = offset;
  let [closed, placed] = [false, false];
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await file.close();
  };
  return {
    write: (chunk) =>
      failing(async () => {
        for (let at = 0; at < chunk.length;) {
          const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position);
          at += bytesWritten;
          position += bytesWritten;
        }
      }),
    commit: () =>
      failing(async () => {
        await file.chmod(mode);
        await file.sync();
        await close();
        await rename(part, path);
        placed = true;
        await syncDirectory(dirname(path));
      }),
    abandon: async (keep) => {
      if (placed) return;
      await close().catch(() => undefined);
      if (!keep) await rm(part, { force: true }).catch(() => undefined);
    },
  };
}

async function openPart(part: string, offset: number): Promise<FileHandle> {
  if (offset === 0) {
    await rm(part, { force: true });
    return open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  }
  const file = await open(part, O_WRONLY | O_NOFOLLOW);
  try {
    await file.truncate(offset);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A name that is lost in a crash would bring the old file back. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
