import { posix } from 'node:path';
import type { SshTransferResult, SshTransferWay } from '../../contract';
import type { ConnectionPool } from '../pool/connection-pool';
import type { SshTarget } from '../target';
import type { FileSource, SourceFacts } from './file-source';
import { hashOf } from './hash-of';
import type { HostFileFacts, HostFiles } from './host-files';
import { mayGoOn } from './may-go-on';
import { openHostFiles } from './open-host-files';
import { partPath } from './part-path';
import { placeFile } from './place-file';
import type { Placing } from './place-file';
import { removePart } from './remove-part';
import { sendContent } from './send-content';
import type { TransferOptions, TransferProgress } from './transfer-options';
import { inTransferScope } from './transfer-scope';
import type { TransferScope } from './transfer-scope';

/** One file for one host. */
export interface UploadRequest {
  readonly via: SshTransferWay;
  readonly source: FileSource;
  readonly to: string;
  /** What the source must have. */
  readonly sha256?: string;
  readonly makeDirectories: boolean;
  /** The file gets the source's time of last modification. */
  readonly times: boolean;
  readonly placing: Omit<Placing, 'mtime' | 'newMode'> & Partial<Pick<Placing, 'newMode'>>;
}

const DIRECTORY_MODE = 0o755;
const EXECUTABLE_MODE = 0o755;
const FILE_MODE = 0o644;

/**
 * Brings one file to a host, whole or not at all.
 *
 * It is written beside its target, proven there by its SHA-256, and put in its place at once. What an attempt leaves
 * unfinished the next one with the same key goes on with, after proving it. Nothing unfinished stays after a failure that
 * no attempt follows, as far as the host can be reached.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted
 */
export async function uploadFile(
  pool: ConnectionPool,
  target: SshTarget,
  request: UploadRequest,
  options: TransferOptions
): Promise<SshTransferResult> {
  return inTransferScope(target, options, async (scope) => {
    const startedAt = performance.now();
    const upload = new Upload(request, options, scope);
    try {
      const files = await openHostFiles(pool, target, request.via, { ...options, signal: scope.signal });
      try {
        const result = await upload.run(files);
        const { name: host } = target;
        const elapsedMs = Math.round(performance.now() - startedAt);
        return {
          host,
          hostKeyFingerprint: files.hostKeyFingerprint,
          ...result,
          elapsedMs,
          attempt: options.attempt ?? 1,
        };
      } finally {
        await files.close();
      }
    } catch (error) {
      if (upload.part && !mayGoOn(error, options)) await removePart(pool, target, request.via, upload.part, options);
      throw error;
    }
  });
}

type UploadOutcome = Omit<SshTransferResult, 'host' | 'hostKeyFingerprint' | 'elapsedMs' | 'attempt'>;

class Upload {
  /** What is to be removed if the upload fails for good. */
  part: string | undefined;

  constructor(
    private readonly request: UploadRequest,
    private readonly options: TransferOptions,
    private readonly scope: TransferScope
  ) {
    this.part = options.earlierPart;
  }

  async run(files: HostFiles): Promise<UploadOutcome> {
    const { source, to, makeDirectories } = this.request;
    const facts = await source.facts(this.scope.signal);
    if (makeDirectories) await files.makeDirectory(posix.dirname(to), DIRECTORY_MODE);
    const path = await files.resolve(to);
    const current = await files.stat(path);
    if (current && current.kind !== 'file') {
      const what = `has ${current.kind === 'directory' ? 'a directory' : 'something that is no regular file'} at ${path}`;
      throw this.scope.failure('SshTransferTargetUnsuitable', { what });
    }
    const part = partPath(path, this.options.key, facts);
    if (this.part !== undefined && this.part !== part) await files.remove(this.part);
    this.part = part;
    const same = await this.#sameContent(files, path, current, facts);
    if (same) {
      await files.remove(part);
      return { ...same, ...(await this.#adjust(files, path, current, facts)) };
    }
    return this.#replace(files, { path, part, current }, facts);
  }

  async #replace(
    files: HostFiles,
    { path, part, current }: { path: string; part: string; current: HostFileFacts | undefined },
    facts: SourceFacts
  ): Promise<UploadOutcome> {
    const { source } = this.request;
    const report = (phase: TransferProgress['phase'], bytes: number): void => this.#report(phase, bytes, facts.size);
    report('transfer', 0);
    const { bytes, sha256, resumedFrom } = await sendContent(
      files,
      { source, facts, part, onBytes: report },
      this.scope
    );
    this.#requireExpected(sha256);
    if (facts.size !== undefined && bytes !== facts.size) {
      const what = `got ${bytes} bytes of ${source.name}, which had ${facts.size} when the upload began`;
      throw this.scope.failure('SshTransferSourceChanged', { what });
    }
    report('place', bytes);
    const verifiedBy = await this.#prove(files, part, bytes, sha256);
    const backup = await placeFile(files, { part, path, current }, this.#placing(facts), this.scope);
    return {
      ...{ path, bytes, sha256, changed: true, transferredBytes: bytes - resumedFrom, resumedFrom, verifiedBy },
      ...(backup !== undefined && { backup }),
    };
  }

  async #prove(files: HostFiles, part: string, bytes: number, sha256: string): Promise<'host' | 'read-back'> {
    const proof = await files.digest(part, bytes);
    const size = (await files.stat(part))?.size;
    if (proof.sha256 === sha256 && size === bytes) return proof.by;
    throw this.scope.failure('SshTransferCorrupted', {
      what: `has a copy of ${size ?? 0} bytes with sha256 ${proof.sha256}, where ${bytes} bytes with ${sha256} were sent`,
    });
  }

  /** The outcome where the target has the content already. */
  async #sameContent(
    files: HostFiles,
    path: string,
    current: HostFileFacts | undefined,
    { size }: SourceFacts
  ): Promise<UploadOutcome | undefined> {
    if (!current || size === undefined || current.size !== size) return undefined;
    const { source } = this.request;
    this.#report('verify', 0, size);
    const there = await files.digest(path, size);
    const declared = source.sha256 ?? this.request.sha256;
    if (declared !== undefined && declared !== there.sha256) return undefined;
    // A declaration is no proof: what the source really has is to be known before it is told that it is there.
    const own = await hashOf(source.open(this.scope.signal), (bytes) => this.#report('verify', bytes, size));
    this.#requireExpected(own.sha256);
    if (own.sha256 !== there.sha256) return undefined;
    const { sha256, by: verifiedBy } = there;
    return { path, bytes: size, sha256, changed: false, transferredBytes: 0, resumedFrom: 0, verifiedBy };
  }

  /** The content is there: only its attributes may still be others. */
  async #adjust(
    files: HostFiles,
    path: string,
    current: HostFileFacts | undefined,
    facts: SourceFacts
  ): Promise<{ readonly changed?: true }> {
    const { mode, owner, mtime } = this.#placing(facts);
    const modeDiffers = mode !== undefined && mode !== current?.mode;
    const timeDiffers = mtime !== undefined && Math.trunc(mtime) !== current?.mtime;
    // Whether the owner is another can only be told by its number.
    if (owner !== undefined) await files.setAttributes(path, { owner });
    if (modeDiffers || timeDiffers) {
      await files.setAttributes(path, { ...(modeDiffers && { mode }), ...(timeDiffers && { mtime }) });
    }
    const owned = owner === undefined || isSameOwner(current, await files.stat(path));
    return modeDiffers || timeDiffers || !owned ? { changed: true } : {};
  }

  #placing({ mtime, executable }: SourceFacts): Placing {
    const { times, placing } = this.request;
    return {
      newMode: executable ? EXECUTABLE_MODE : FILE_MODE,
      ...placing,
      ...(times && mtime !== undefined && { mtime: Math.trunc(mtime) }),
    };
  }

  #requireExpected(sha256: string): void {
    const { sha256: expected, source } = this.request;
    if (expected === undefined || expected === sha256) return;
    const what = `was to get ${source.name} with sha256 ${expected}, which has ${sha256}`;
    throw this.scope.failure('SshTransferChecksumMismatch', { what });
  }

  #report(phase: TransferProgress['phase'], bytes: number, totalBytes: number | undefined): void {
    this.options.onProgress?.({
      ...{ phase, file: this.request.source.name, bytes },
      ...(totalBytes !== undefined && { totalBytes }),
      ...(this.part !== undefined && { part: this.part }),
    });
  }
}

function isSameOwner(before: HostFileFacts | undefined, after: HostFileFacts | undefined): boolean {
  return before?.uid === after?.uid && before?.gid === after?.gid;
}
