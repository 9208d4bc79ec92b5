/** What identifies the content of a source without reading it. */
export interface SourceFacts {
  /** `undefined` where nobody can tell before the end. */
  readonly size?: number;
  /** In seconds since 1970, with fractions. */
  readonly mtime?: number;
  readonly executable?: boolean;
  /** Changes with the content: an inode and time, an ETag, a checksum. Equal for equal content on any worker if it can. */
  readonly version?: string;
}

/** Where the bytes of an upload come from. Each method fails with an `SshError` of an `SshTransferSource*` type. */
export interface FileSource {
  /** What it is called in messages; never with a secret. */
  readonly name: string;
  facts(signal: AbortSignal): Promise<SourceFacts>;
  /** All bytes, from the first. Chunks are 64 KiB to 1 MiB where there is a choice. The iterator's end closes it. */
  open(signal: AbortSignal): AsyncIterable<Buffer>;
  /** What the content must have, by its own declaration (that of an https source). */
  readonly sha256?: string;
}
