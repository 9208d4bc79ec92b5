import type { FileSource } from '../file-source';
import type { SshFileSourceFunction, SshSourceContent } from './files-options';
import { workerFailure } from './local-failure';
import { SshError } from '../../ssh-error';

/** A file that a function of the worker gives. */
export function namedSource(
  host: string,
  { source, key }: { readonly source: string; readonly key: string },
  give: SshFileSourceFunction,
  maxBytes: number
): FileSource {
  const name = `${source}:${key}`;
  const failing = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (error instanceof SshError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw workerFailure('SshTransferSourceUnavailable', host, `The source ${name} failed: ${text}`, error);
    }
  };
  /** Called for the facts already; what it gave then is read first. */
  let given: SshSourceContent | undefined;
  const ask = async (signal: AbortSignal): Promise<SshSourceContent> => {
    const content = await give({ key, signal });
    if (typeof content?.content?.[Symbol.asyncIterator] === 'function') return content;
    throw new Error('it gave no content that can be read');
  };
  return {
    name,
    facts: (signal) =>
      failing(async () => {
        given = await ask(signal);
        const { size, version } = given;
        // Without a version there is no telling whether it is the same content: nothing is gone on with.
        return { ...(size !== undefined && { size }), version: version ?? `${Date.now()}/${Math.random()}` };
      }),
    async *open(signal) {
      const content = given ?? (await failing(() => ask(signal)));
      given = undefined;
      const chunks = content.content[Symbol.asyncIterator]();
      let bytes = 0;
      try {
        for (let next = await failing(() => chunks.next()); !next.done; next = await failing(() => chunks.next())) {
          signal.throwIfAborted();
          const { value } = next;
          bytes += value.byteLength;
          if (bytes > maxBytes) {
            throw workerFailure(
              'SshTransferTooLarge',
              host,
              `${name} has more than the ${maxBytes} bytes that this worker allows`
            );
          }
          yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        }
      } finally {
        await chunks.return?.();
      }
    },
  };
}
