import type { HostFiles } from '../host-files';
import { sendContent } from '../send-content';
import type { LocalFile } from './local-tree';
import { readLocalFile } from './read-local-file';
import type { LocalReading } from './read-local-file';
import { hashBuffer, readSmallFile } from './read-small-file';

/** Up to this size a file is sent in one go. */
export const SMALL_FILE_BYTES = 64 * 1024;

/** One file on its way. */
export interface FileToSend {
  readonly file: LocalFile;
  /** Where it is written. */
  readonly part: string;
  /** What is there already, if all of it is: its SHA-256. */
  readonly there: string | undefined;
  /** Told of bytes as they arrive. */
  readonly onBytes: (bytes: number) => void;
}

/** What was sent of a file. */
export interface SentFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Writes a file's content to its part file; large ones go on with what an earlier attempt left, once it is proven. */
export async function sendFile(
  files: HostFiles,
  { file, part, there, onBytes }: FileToSend,
  reading: LocalReading
): Promise<SentFile> {
  if (file.size <= SMALL_FILE_BYTES) {
    const content = await readSmallFile(reading, file);
    const sha256 = hashBuffer(content);
    if (there === sha256) return { sha256, bytes: 0 };
    await files.writeWhole(part, content);
    onBytes(content.length);
    return { sha256, bytes: content.length };
  }
  const { scope, name } = reading;
  const facts = { size: file.size, mtime: file.mtimeMs / 1_000 };
  const source = {
    name: `${name}/${file.path}`,
    facts: () => Promise.resolve(facts),
    open: () => readLocalFile(reading, file),
  };
  let reported = 0;
  const report = (phase: 'verify' | 'transfer', bytes: number): void => {
    if (phase !== 'transfer' || bytes <= reported) return;
    onBytes(bytes - reported);
    reported = bytes;
  };
  const { sha256, bytes, resumedFrom } = await sendContent(files, { source, facts, part, onBytes: report }, scope);
  return { sha256, bytes: bytes - resumedFrom };
}
