import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { SshTransferResult, SshTransferWay } from '../../contract';
import type { ConnectionPool } from '../pool/connection-pool';
import type { SshTarget } from '../target';
import type { FileSink, SinkWriter } from './file-sink';
import { hashOf } from './hash-of';
import type { HostFileFacts, HostFiles } from './host-files';
import { mayGoOn } from './may-go-on';
import { openHostFiles } from './open-host-files';
import type { TransferOptions, TransferProgress } from './transfer-options';
import { inTransferScope } from './transfer-scope';
import type { TransferScope } from './transfer-scope';

/** One file from one host. */
export interface DownloadRequest {
  readonly via: SshTransferWay;
  readonly from: string;
  readonly sink: FileSink;
  /** What the file must have. */
  readonly sha256?: string;
  readonly maxBytes?: number;
}

type DownloadOutcome = Omit<SshTransferResult, 'host' | 'hostKeyFingerprint' | 'elapsedMs' | 'attempt'>;

/**
 * Brings one file from a host to the worker, whole or not at all.
 *
 * The sink gets it once the host has shown that its own copy has the same SHA-256. What an attempt leaves unfinished on
 * this worker the next one with the same key goes on with, after proving it.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted
 */
export async function downloadFile(
  pool: ConnectionPool,
  target: SshTarget,
  request: DownloadRequest,
  options: TransferOptions
): Promise<SshTransferResult> {
  return inTransferScope(target, options, async (scope) => {
    const startedAt = performance.now();
    const files = await openHostFiles(pool, target, request.via, { ...options, signal: scope.signal });
    try {
      const outcome = await new Download(request, options, scope).run(files);
      const elapsedMs = Math.round(performance.now() - startedAt);
      const { name: host } = target;
      return {
        host,
        hostKeyFingerprint: files.hostKeyFingerprint,
        ...outcome,
        elapsedMs,
        attempt: options.attempt ?? 1,
      };
    } finally {
      await files.close();
    }
  });
}

class Download {
  constructor(
    private readonly request: DownloadRequest,
    private readonly options: TransferOptions,
    private readonly scope: TransferScope
  ) {}

  async run(files: HostFiles): Promise<DownloadOutcome> {
    const { from } = this.request;
    const path = await files.resolve(from);
    const facts = await this.#fileAt(files, path);
    return (await this.#sameContent(files, path, facts)) ?? this.#fetch(files, path, facts);
  }

  async #fileAt(files: HostFiles, path: string): Promise<HostFileFacts> {
    const { failure } = this.scope;
    const facts = await files.stat(path);
    if (!facts) throw failure('SshTransferNotFound', { what: `has no file ${path}` });
    if (facts.kind !== 'file') throw failure('SshTransferTargetUnsuitable', { what: `has no regular file at ${path}` });
    this.#requireSize(path, facts.size);
    return facts;
  }

  #requireSize(path: string, size: number): void {
    const { maxBytes } = this.request;
    if (maxBytes === undefined || size <= maxBytes) return;
    throw this.scope.failure('SshTransferTooLarge', {
      what: `has ${size} bytes at ${path}, where ${maxBytes} are allowed`,
    });
  }

  async #sameContent(files: HostFiles, path: string, { size }: HostFileFacts): Promise<DownloadOutcome | undefined> {
    const current = await this.request.sink.current?.(this.scope.signal);
    if (current?.size !== size) return undefined;
    const own = await hashOf(current.read(), (bytes) => this.#report('verify', bytes, size));
    const there = await files.digest(path, size);
    if (own.sha256 !== there.sha256) return undefined;
    this.#requireExpected(path, there.sha256);
    const { sha256, by: verifiedBy } = there;
    return { path, bytes: size, sha256, changed: false, transferredBytes: 0, resumedFrom: 0, verifiedBy };
  }

  async #fetch(files: HostFiles, path: string, facts: HostFileFacts): Promise<DownloadOutcome> {
    const { sink } = this.request;
    const key = createHash('sha256')
      .update(JSON.stringify([this.options.key, path, facts.size, facts.mtime]))
      .digest('hex');
    const { hash, bytes: resumedFrom } = await this.#proven(files, path, key, facts);
    const writer = await sink.open(key, resumedFrom, this.scope.signal);
    let keep = false;
    try {
      const bytes = await this.#receive(files, path, writer, hash, resumedFrom, facts);
      const sha256 = hash.digest('hex');
      this.#report('verify', bytes, facts.size);
      const verifiedBy = await this.#prove(files, path, facts, { bytes, sha256 });
      this.#requireExpected(path, sha256);
      this.#report('place', bytes, facts.size);
      await writer.commit();
      return { path, bytes, sha256, changed: true, transferredBytes: bytes - resumedFrom, resumedFrom, verifiedBy };
    } catch (error) {
      keep = mayGoOn(error, this.options);
      throw error;
    } finally {
      await writer.abandon(keep);
    }
  }

  /** How much of the part of an earlier attempt the host has too, with its hash. */
  async #proven(
    files: HostFiles,
    path: string,
    key: string,
    { size }: HostFileFacts
  ): Promise<{ readonly hash: Hash; readonly bytes: number }> {
    const nothing = { hash: createHash('sha256'), bytes: 0 };
    const part = await this.request.sink.part?.(key, this.scope.signal);
    if (!part || part.size === 0 || part.size > size) return nothing;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of part.read()) {
      hash.update(chunk);
      bytes += chunk.length;
      this.#report('verify', bytes, size);
    }
    const there = await files.digest(path, bytes);
    return there.sha256 === hash.copy().digest('hex') ? { hash, bytes } : nothing;
  }

  async #receive(
    files: HostFiles,
    path: string,
    writer: SinkWriter,
    hash: Hash,
    offset: number,
    { size }: HostFileFacts
  ): Promise<number> {
    let bytes = offset;
    this.#report('transfer', bytes, size);
    for await (const chunk of files.read(path, offset)) {
      this.scope.signal.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
      // One that grows for ever must not fill the worker.
      this.#requireSize(path, bytes);
      await writer.write(chunk);
      this.#report('transfer', bytes, size);
    }
    return bytes;
  }

  async #prove(
    files: HostFiles,
    path: string,
    before: HostFileFacts,
    { bytes, sha256 }: { readonly bytes: number; readonly sha256: string }
  ): Promise<'host' | 'read-back'> {
    const proof = await files.digest(path, bytes);
    const after = await files.stat(path);
    if (bytes !== before.size || after?.size !== before.size || after.mtime !== before.mtime) {
      const what = `changed ${path} while it was read (${before.size} bytes before, ${after?.size ?? 'none'} after)`;
      throw this.scope.failure('SshTransferSourceChanged', { what });
    }
    if (proof.sha256 === sha256) return proof.by;
    throw this.scope.failure('SshTransferCorrupted', {
      what: `has ${path} with sha256 ${proof.sha256}, of which a copy with ${sha256} came`,
    });
  }

  #requireExpected(path: string, sha256: string): void {
    const { sha256: expected } = this.request;
    if (expected === undefined || expected === sha256) return;
    const what = `was to have ${path} with sha256 ${expected}, and has it with ${sha256}`;
    throw this.scope.failure('SshTransferChecksumMismatch', { what });
  }

  #report(phase: TransferProgress['phase'], bytes: number, totalBytes: number): void {
    this.options.onProgress?.({ phase, file: this.request.from, bytes, totalBytes });
  }
}
