import type { SshTransferWay } from '../../contract';

/** What is known of a path on the host. */
export interface HostFileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size: number;
  /** Permission bits, `0o7777` at most. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Last modification, in seconds since 1970. */
  readonly mtime: number;
}

/** Attributes that a file is given. */
export interface HostFileAttributes {
  readonly mode?: number;
  /** `USER`, `USER:GROUP` or `:GROUP`, by name or number. */
  readonly owner?: string;
  /** In seconds since 1970. */
  readonly mtime?: number;
}

/** A file on the host that is being written, from one end to the other. */
export interface HostFileWriter {
  /** Up to here the host has told that it has every byte. */
  readonly acknowledged: number;
  /**
   * Takes the next bytes; resolves once there is room for more, so that memory stays bounded. The chunk must not be
   * changed afterwards. @throws SshError
   */
  write(chunk: Buffer): Promise<void>;
  /** Every byte is on the host, on disk where the server can promise that, and the file is closed. @throws SshError */
  finish(): Promise<void>;
  /** Stops and closes, without a word about what is left. Never fails. */
  abandon(): Promise<void>;
}

/** A directory's entry. */
export interface HostFileEntry {
  /** Below the directory that was listed, with `/` between names. */
  readonly path: string;
  readonly facts: HostFileFacts;
}

/** What a command on the host left. */
export interface HostCommandEnd {
  /** `null` for one that a signal ended. */
  readonly exitCode: number | null;
  /** The last 2 KiB. */
  readonly stdoutTail: string;
  readonly stderrTail: string;
}

/**
 * The file system of one host, over one connection, as uploads and downloads need it.
 *
 * Each method fails with an `SshError` of an `SshTransfer*` type or one of the connection's, and with the reason of the
 * signal that the files were opened with. Nothing waits for longer than `idle` for an answer (`SshIdleTimeout`).
 */
export interface HostFiles {
  readonly via: SshTransferWay;
  readonly hostKeyFingerprint: string;
  /** The path with links followed, also of a file that is not there, as long as its directory is. Absolute. */
  resolve(path: string): Promise<string>;
  /** Facts about the path itself, a link not followed; `undefined` where nothing is. */
  stat(path: string): Promise<HostFileFacts | undefined>;
  /** Everything below a directory, links not followed; empty for one that is not there. */
  list(directory: string): AsyncIterable<HostFileEntry>;
  /**
   * SHA-256 of the first `length` bytes, as hexadecimal digits, by a program of the host or by reading them back. Where
   * there is less, of what there is.
   */
  digest(path: string, length: number): Promise<{ readonly sha256: string; readonly by: 'host' | 'read-back' }>;
  /** SHA-256 of whole files, by path; files that cannot be read are left out. Fast for thousands of small files. */
  digests(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Opens a file for writing. With `offset` 0 it is made anew, with mode 0600, and nothing that was there is followed or
   * kept; with more it is cut to `offset` bytes and written on, and must be a regular file.
   */
  write(path: string, offset: number): Promise<HostFileWriter>;
  /** Writes a small file in one go, with mode 0600, made anew. As few round trips as there can be. */
  writeWhole(path: string, content: Buffer): Promise<void>;
  /** The content from `offset` on. The iterator's end closes the file. */
  read(path: string, offset: number): AsyncIterable<Buffer>;
  setAttributes(path: string, attributes: HostFileAttributes): Promise<void>;
  /** A second name for a file, which must not exist; a copy where the file system has no such links. */
  keep(path: string, as: string): Promise<void>;
  /** Puts a file in the place of another at once: a reader sees the old one or the new one. */
  replace(from: string, to: string): Promise<void>;
  /** Removes a file. No failure if it is not there. */
  remove(path: string): Promise<void>;
  /** Removes an empty directory. No failure if it is not there or not empty. */
  removeDirectory(path: string): Promise<void>;
  /** Makes a directory and those above it. No failure if it is there. */
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Runs a command line by an exec request. @throws SshError `SshTransferUnsupported` where the host allows none */
  run(command: string): Promise<HostCommandEnd>;
  /** Gives the connection back. Never fails. */
  close(): Promise<void>;
}
