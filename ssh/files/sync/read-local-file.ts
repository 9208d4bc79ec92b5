import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Fail } from './fail';
import { localFailure, sourceChanged } from './local-failure';
import type { LocalFile } from './local-tree';

const CHUNK_BYTES = 256 * 1024;

/** What is needed to read files of a tree. */
export interface LocalReading {
  readonly directory: string;
  readonly name: string;
  readonly fail: Fail;
}

/**
 * The content of a file of the tree, in chunks of 256 KiB at most. It is the file that was seen when the tree was read, from its
 * first byte to its last one as it was then: anything else fails with `SshTransferSourceChanged`.
 */
export async function* readLocalFile(reading: LocalReading, file: LocalFile): AsyncGenerator<Buffer, void, undefined> {
  const { directory, name, fail } = reading;
  const shown = `${name}/${file.path}`;
  let handle: FileHandle | undefined;
  try {
    // The inode is the one that was approved, so that links cannot lead elsewhere; FIFOs do not make it wait.
    handle = await open(await realpath(`${directory}/${file.path}`), FLAGS);
    const check = (facts: Stats): void => {
      if (!isSame(facts, file)) throw sourceChanged(fail, shown);
    };
    check(await handle.stat());
    for (let position = 0; position < file.size;) {
      const wanted = Math.min(CHUNK_BYTES, file.size - position);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, position);
      if (bytesRead === 0) throw sourceChanged(fail, shown);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    check(await handle.stat());
  } catch (error) {
    throw localFailure(fail, shown, error);
  } finally {
    await handle?.close();
  }
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function isSame(facts: Stats, file: LocalFile): boolean {
  const { dev, ino, size, mtimeMs } = facts;
  return facts.isFile() && dev === file.dev && ino === file.ino && size === file.size && mtimeMs === file.mtimeMs;
}
