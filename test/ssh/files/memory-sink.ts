import type { FileSink } from '../../../ssh/files/file-sink';

/** A sink in memory, with what it holds. */
export interface MemorySink extends FileSink {
  /** What is in its place; set by a commit. */
  content: Buffer | undefined;
  /** What is unfinished, by key. */
  readonly parts: Map<string, Buffer>;
}

/** Makes a sink in memory. */
export function memorySink(content?: Buffer): MemorySink {
  const parts = new Map<string, Buffer>();
  async function* read(bytes: Buffer): AsyncIterable<Buffer> {
    await Promise.resolve();
    yield bytes;
  }
  const sink: MemorySink = {
    name: 'memory',
    content,
    parts,
    current: () => {
      const { content: there } = sink;
      return Promise.resolve(there && { size: there.length, read: () => read(there) });
    },
    part: (key) => {
      const part = parts.get(key);
      return Promise.resolve(part && { size: part.length, read: () => read(part) });
    },
    open: (key, offset) => {
      const chunks = [parts.get(key)?.subarray(0, offset) ?? Buffer.alloc(0)];
      let done = false;
      return Promise.resolve({
        write: (chunk) => {
          chunks.push(chunk);
          return Promise.resolve();
        },
        commit: () => {
          done = true;
          parts.delete(key);
          sink.content = Buffer.concat(chunks);
          return Promise.resolve();
        },
        abandon: (keep) => {
          if (done) return Promise.resolve();
          if (keep) parts.set(key, Buffer.concat(chunks));
          else parts.delete(key);
          return Promise.resolve();
        },
      });
    },
  };
  return sink;
}
