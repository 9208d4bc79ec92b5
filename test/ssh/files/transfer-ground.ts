import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FileSource, SourceFacts } from '../../../ssh/files/file-source';
import type { TransferOptions } from '../../../ssh/files/transfer-options';
import type { UploadRequest } from '../../../ssh/files/upload-file';
import { PATIENT } from '../support/engine';

/** A home without start-up files: what those cost is paid for each exec request. */
export const PLAIN_SHELL = { HOME: '/nonexistent' } as const;

/** SHA-256 as hexadecimal digits. */
export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The SHA-256 of a file, or of nothing where there is none. */
export function sha256At(path: string): string {
  return sha256(readFileSync(path));
}

/** A source in memory that tells how often and how far it was read. */
export function memorySource(
  content: Buffer,
  { chunk = 256 * 1024, facts = {}, ...rest }: { chunk?: number; facts?: SourceFacts; sha256?: string } = {}
): FileSource & { readonly opened: number } {
  let opened = 0;
  return {
    name: 'memory',
    facts: () => Promise.resolve({ size: content.length, version: sha256(content), ...facts }),
    async *open() {
      opened += 1;
      await Promise.resolve();
      for (let offset = 0; offset < content.length; offset += chunk) yield content.subarray(offset, offset + chunk);
    },
    get opened() {
      return opened;
    },
    ...rest,
  };
}

/** Options of one attempt, with deadlines that a busy machine keeps. */
export function attempt(overrides: Partial<TransferOptions> = {}): TransferOptions {
  return { deadlines: PATIENT, signal: new AbortController().signal, key: 'step', ...overrides };
}

/** An upload with the defaults of the contract. */
export function upload(
  source: FileSource,
  to: string,
  {
    placing,
    ...overrides
  }: Partial<Omit<UploadRequest, 'placing'>> & { placing?: Partial<UploadRequest['placing']> } = {}
): UploadRequest {
  return {
    ...{ via: 'sftp', source, to, makeDirectories: false, times: false, ...overrides },
    placing: { backup: false, ...placing },
  };
}

/** Names of all files of a directory, hidden ones too, sorted. */
export function namesIn(directory: string): readonly string[] {
  return readdirSync(directory).sort();
}

/** Permission bits. */
export function modeOf(path: string): number {
  return statSync(path).mode & 0o7777;
}

/** Content that no compression or repetition makes alike. */
export function content(bytes: number): Buffer {
  return randomBytes(bytes);
}

/** What a test gives to whatever it starts. */
export type Running = Pick<TestContext, 'after'>;

/** A path in a directory. */
export function within(directory: string, name = 'target'): string {
  return join(directory, name);
}
