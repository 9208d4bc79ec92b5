import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 512 * 1024;

/** Reads so many bytes of a file from its beginning, the next chunk while the one before is used, and closes it. */
export async function* readHandle(file: FileHandle, size: number): AsyncGenerator<Buffer, void, undefined> {
  let next = readAt(file, 0, size);
  try {
    for (let position = 0; position < size;) {
      const chunk = await next;
      if (chunk.length === 0) return;
      position += chunk.length;
      next = readAt(file, position, size);
      // It is awaited in the next turn, if there is one.
      next.catch(() => undefined);
      yield chunk;
    }
  } finally {
    await next.catch(() => undefined);
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const length = Math.min(CHUNK_BYTES, size - position);
  if (length <= 0) return Buffer.alloc(0);
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
