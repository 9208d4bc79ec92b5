import { createHash } from 'node:crypto';

/** Reads all chunks and hashes them. */
export async function hashOf(
  chunks: AsyncIterable<Buffer>,
  onBytes?: (bytes: number) => void
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    onBytes?.(bytes);
  }
  return { bytes, sha256: hash.digest('hex') };
}
