import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { TransferScope } from '../transfer-scope';
import { localFailure, sourceChanged } from './local-failure';
import type { LocalFile } from './local-tree';

const CHUNK_BYTES = 256 * 1024;

/** What is needed to read files of a tree. */
export interface LocalReading {
  readonly directory: string;
  readonly name: string;
  readonly scope: TransferScope;
}

/**
 * The content of a file of the tree, in chunks of 256 KiB at most. It is the file that was seen when the tree was read, from its
 * first byte to its last one as it was then: anything else fails with `SshTransferSourceChanged`.
 */
export async function* readLocalFile(reading: LocalReading, file: LocalFile): AsyncGenerator<Buffer, void, undefined> {
  const { directory, name, scope } = reading;
  const shown = `${name}/${file.path}`;
  let handle: FileHandle | undefined;
  try {
    // Links cannot lead elsewhere: the inode must be the one that was approved. A FIFO does not make it wait.
    handle = await open(`${directory}/${file.path}`, FLAGS);
    const check = (facts: Stats): void => {
      if (!isSame(facts, file)) throw sourceChanged(scope, shown);
    };
    check(await handle.stat());
    for (let position = 0; position < file.size;) {
      const wanted = Math.min(CHUNK_BYTES, file.size - position);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, position);
      if (bytesRead === 0) throw sourceChanged(scope, shown);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    check(await handle.stat());
  } catch (error) {
    throw localFailure(scope, shown, error);
  } finally {
    await handle?.close();
  }
}

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

function isSame(facts: Stats, file: LocalFile): boolean {
  const { dev, ino, size, mtimeMs } = facts;
  return facts.isFile() && dev === file.dev && ino === file.ino && size === file.size && mtimeMs === file.mtimeMs;
}
