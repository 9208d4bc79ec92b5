import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileSink } from '../file-sink';
import { SshError } from '../../ssh-error';
import type { SshFileSinkFunction } from './files-options';
import { sinkFailure, workerFailure } from './local-failure';
import { readHandle } from './read-handle';

/**
 * A function of the worker that takes a file. It is kept in a private temporary file until it is proven, so that the
 * function never sees half of one.
 */
export function namedSink(
  host: string,
  { sink, key }: { readonly sink: string; readonly key: string },
  take: SshFileSinkFunction
): FileSink {
  const name = `${sink}:${key}`;
  const failing = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw sinkFailure(host, name, error);
    }
  };
  return {
    name,
    open: (_key, _offset, signal) =>
      failing(async () => {
        const directory = await mkdtemp(join(tmpdir(), 'temporal-ssh-download-'));
        const path = join(directory, 'content');
        let size = 0;
        let file: FileHandle | undefined;
        const end = async (): Promise<void> => {
          const open = file;
          file = undefined;
          await open?.close().catch(() => undefined);
          await rm(directory, { recursive: true, force: true }).catch(() => undefined);
        };
        try {
          file = await open(path, 'wx', 0o600);
        } catch (error) {
          await end();
          throw error;
        }
        return {
          write: (chunk) =>
            failing(async () => {
              await file?.writeFile(chunk);
              size += chunk.length;
            }),
          commit: async () => {
            const content = readHandle(await open(path, 'r'), size);
            try {
              await take({ key, content, size, signal });
            } catch (error) {
              signal.throwIfAborted();
              if (error instanceof SshError) throw error;
              const text = error instanceof Error ? error.message : String(error);
              throw workerFailure('SshTransferSinkFailed', host, `The sink ${name} failed: ${text}`, error);
            } finally {
              // One that was never read on is to be closed all the same.
              await content.next().then(() => content.return());
              await end();
            }
          },
          abandon: end,
        };
      }),
  };
}
