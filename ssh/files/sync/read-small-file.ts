import { createHash } from 'node:crypto';
import type { LocalFile } from './local-tree';
import { readLocalFile } from './read-local-file';
import type { LocalReading } from './read-local-file';

/** The whole content of a small file of the tree. */
export async function readSmallFile(reading: LocalReading, file: LocalFile): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLocalFile(reading, file)) chunks.push(chunk);
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

/** SHA-256 as hexadecimal digits. */
export function hashBuffer(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
