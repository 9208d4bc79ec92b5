import { createHash } from 'node:crypto';
import type { FileSource, SourceFacts } from './file-source';
import type { HostFiles, HostFileWriter } from './host-files';
import type { TransferScope } from './transfer-scope';

/** What is to be sent where. */
export interface ContentToSend {
  readonly source: FileSource;
  readonly facts: SourceFacts;
  /** Where it is written; what is there is taken for its beginning, if it proves to be. */
  readonly part: string;
  readonly onBytes: (phase: 'verify' | 'transfer', bytes: number) => void;
}

/** What was sent. */
export interface SentContent {
  readonly bytes: number;
  readonly sha256: string;
  readonly resumedFrom: number;
}

/**
 * Writes a source to a part file, and goes on after what is there already, once the host has shown that it is the same.
 *
 * The source is read and hashed from its beginning in any case: what an earlier attempt sent is not trusted.
 */
export async function sendContent(
  files: HostFiles,
  content: ContentToSend,
  scope: TransferScope
): Promise<SentContent> {
  const { part, facts, onBytes } = content;
  const there = await resumable(files, part);
  if (there === 0 || (facts.size !== undefined && there > facts.size)) return send(files, content, scope);
  onBytes('verify', 0);
  const { sha256 } = await files.digest(part, there);
  return (await send(files, content, scope, { bytes: there, sha256 })) ?? send(files, content, scope);
}

// Others must not have been able to write it: what it holds is to become the file.
const WRITABLE_BY_OTHERS = 0o022;

async function resumable(files: HostFiles, part: string): Promise<number> {
  const facts = await files.stat(part);
  return facts?.kind === 'file' && (facts.mode & WRITABLE_BY_OTHERS) === 0 ? facts.size : 0;
}

interface Proof {
  readonly bytes: number;
  readonly sha256: string;
}

async function send(files: HostFiles, content: ContentToSend, scope: TransferScope): Promise<SentContent>;
/** `undefined`: what is there is not the beginning of the source. */
async function send(
  files: HostFiles,
  content: ContentToSend,
  scope: TransferScope,
  proof: Proof
): Promise<SentContent | undefined>;
async function send(
  files: HostFiles,
  { source, part, onBytes }: ContentToSend,
  { signal }: TransferScope,
  proof: Proof = { bytes: 0, sha256: '' }
): Promise<SentContent | undefined> {
  const hash = createHash('sha256');
  let read = 0;
  let writer: HostFileWriter | undefined;
  const begin = async (): Promise<HostFileWriter> => {
    writer = await files.write(part, proof.bytes);
    return writer;
  };
  const proven = (): boolean => proof.bytes === 0 || hash.copy().digest('hex') === proof.sha256;
  try {
    for await (const chunk of source.open(signal)) {
      signal.throwIfAborted();
      const left = proof.bytes - read;
      const known = left > 0 ? chunk.subarray(0, left) : chunk.subarray(0, 0);
      const fresh = chunk.subarray(known.length);
      hash.update(known);
      read += known.length;
      if (read === proof.bytes && !writer) {
        if (!proven()) return undefined;
        await begin();
      }
      if (!writer) {
        onBytes('verify', read);
        continue;
      }
      hash.update(fresh);
      read += fresh.length;
      if (fresh.length > 0) await writer.write(fresh);
      onBytes('transfer', writer.acknowledged);
    }
    // A source that is empty by now, or ends before what is there.
    if (!writer) {
      if (read < proof.bytes || !proven()) return undefined;
      await begin();
    }
    await writer?.finish();
    writer = undefined;
    onBytes('transfer', read);
    return { bytes: read, sha256: hash.digest('hex'), resumedFrom: proof.bytes };
  } finally {
    await writer?.abandon();
  }
}
