import type { SshStepOptions } from './step-options';
import type { SshTimeouts } from './stages';

/** A file or directory below a root directory that the worker's configuration names. */
export interface SshRootPath {
  /** The name of the root. */
  readonly root: string;
  /** Below the root; `..`, absolute paths and links that lead out of the root are refused. */
  readonly path: string;
}

/** A file from the web, which the worker fetches. */
export interface SshUrlSource {
  /** `https` only, unless the worker allows the origin. Never put credentials in it. */
  readonly url: string;
  /** What the file must have, as 64 hexadecimal digits. */
  readonly sha256: string;
}

/** A file that a function of the worker's configuration gives, such as an object store. */
export interface SshNamedSource {
  /** The name of the function. */
  readonly source: string;
  /** What the function is asked for. */
  readonly key: string;
}

/** Where an upload comes from. A string `ROOT:PATH` is short for {@link SshRootPath}. */
export type SshFileSource = string | SshRootPath | SshUrlSource | SshNamedSource;

/** A function of the worker's configuration that takes a file, such as an object store. */
export interface SshNamedSink {
  /** The name of the function. */
  readonly sink: string;
  /** What the file is to be called there. */
  readonly key: string;
}

/** Where a download goes to. A string `ROOT:PATH` is short for {@link SshRootPath}. */
export type SshFileSink = string | SshRootPath | SshNamedSink;

/** How files reach the host: the SFTP subsystem, or `cat` in exec requests. */
export type SshTransferWay = 'sftp' | 'exec';

/** What all transfers have in common. */
export interface SshTransferInput {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /** @default 'sftp' */
  readonly via?: SshTransferWay;
  /**
   * Deadlines of the stages. `run` is for the whole transfer; `idle` for the longest time without a byte or an answer.
   * @default no `run`, 60 s for `idle`, the host's own for all others
   */
  readonly timeouts?: SshTimeouts;
}

/** How a file is put in its place on the host. */
export interface SshPlacing {
  /**
   * Permissions, as an octal string such as `'0644'`.
   * @default those of the file that is replaced, else `0644`, or `0755` for a source that is executable
   */
  readonly mode?: string;
  /** `USER`, `USER:GROUP` or `:GROUP`, by name or number. Needs the rights for it. @default that of the remote user */
  readonly owner?: string;
  /** Keeps a copy of the file that is replaced, as `PATH.YYYYMMDDTHHMMSSZ.bak`. @default false */
  readonly backup?: boolean;
  /**
   * A command that checks the new file before it is put in its place: a command line, or a list of arguments, in which
   * `{}` stands for the path of the new file, as in `['visudo', '-c', '-f', '{}']`. A line gets the path quoted. Any exit
   * code but 0 is `SshTransferValidateFailed`, and the old file stays.
   */
  readonly validate?: string | readonly string[];
  /** Makes missing directories above the file, with mode 0755. @default false */
  readonly makeDirectories?: boolean;
}

/** Input of the activity `sshUpload`. */
export interface SshUploadInput extends SshTransferInput, SshPlacing {
  readonly from: SshFileSource;
  /** The file's path on the host, absolute or below the remote user's home. A link is followed; it stays a link. */
  readonly to: string;
  /** What the source must have, as 64 hexadecimal digits; else `SshTransferChecksumMismatch`. @default none */
  readonly sha256?: string;
  /** The new file gets the source's time of last modification. @default false */
  readonly times?: boolean;
}

/** Input of the activity `sshDownload`. */
export interface SshDownloadInput extends SshTransferInput {
  /** The file's path on the host, absolute or below the remote user's home. */
  readonly from: string;
  readonly to: SshFileSink;
  /** What the file must have, as 64 hexadecimal digits; else `SshTransferChecksumMismatch`. @default none */
  readonly sha256?: string;
  /** A larger file is refused as `SshTransferTooLarge`. @default none, besides the worker's own limit */
  readonly maxBytes?: number;
  /** Permissions of the file on the worker, as an octal string. @default '0644' */
  readonly mode?: string;
}

/** A value of a template: a text, or the name of a secret that only the worker knows. */
export type SshTemplateValue = string | number | boolean | { readonly secret: string };

/** Input of the activity `sshPutFile`. */
export interface SshPutFileInput extends SshTransferInput, SshPlacing {
  /** The content, or a template if there are `values`. It is part of the workflow's history. 256 KiB at most. */
  readonly content: string;
  /** How `content` is written. @default 'utf8' */
  readonly encoding?: 'utf8' | 'base64';
  /**
   * Makes `content` a template: `{{name}}` is replaced by the value of that name, nothing else is. Each name must have
   * a value and each value a place. Without `mode`, a file with a secret gets 0600.
   */
  readonly values?: Readonly<Record<string, SshTemplateValue>>;
  /** The file's path on the host, absolute or below the remote user's home. A link is followed; it stays a link. */
  readonly to: string;
}

/** Result of `sshUpload`, `sshDownload` and `sshPutFile`. */
export interface SshTransferResult {
  readonly host: string;
  /** SHA-256 fingerprint of the key that the host proved to have, as OpenSSH prints it. */
  readonly hostKeyFingerprint: string;
  /** The file on the host, with links followed. */
  readonly path: string;
  /** The file's size. */
  readonly bytes: number;
  /** Of the file, as 64 hexadecimal digits; absent for a file that holds a secret. */
  readonly sha256?: string;
  /** `false`: what was to be there was there already, and nothing was sent. */
  readonly changed: boolean;
  /** What this attempt sent or received. */
  readonly transferredBytes: number;
  /** The byte from which this attempt went on with what earlier ones had left, after proving it. */
  readonly resumedFrom: number;
  /** Who proved the copy on the host: a program there, or this worker by reading it back. */
  readonly verifiedBy: 'host' | 'read-back';
  /** Where the file that was replaced is kept. */
  readonly backup?: string;
  readonly elapsedMs: number;
  readonly attempt: number;
}

/** Input of the activity `sshSync`. */
export interface SshSyncInput extends SshTransferInput {
  /** A directory below a root. A string `ROOT:PATH` is short for it. */
  readonly from: string | SshRootPath;
  /** The directory on the host; it is made if it is not there. */
  readonly to: string;
  /** Globs of the files that are taken, relative to the directory (`**` crosses directories). @default all */
  readonly include?: readonly string[];
  /** Globs of what is left alone, here and on the host; it goes before `include`. @default none */
  readonly exclude?: readonly string[];
  /** Removes files from the host that the source does not have, but never what is excluded. @default false */
  readonly delete?: boolean;
  /**
   * With `delete`: more removals than this are refused as `SshTransferTooManyDeletes` before anything is changed.
   * @default 1000, and 0 where no file of the source is taken
   */
  readonly maxDelete?: number;
  /** Permissions of files, as an octal string. @default those of the source */
  readonly fileMode?: string;
  /** Permissions of directories that are made, as an octal string. @default '0755' */
  readonly directoryMode?: string;
  /** Tells what would be done, and does nothing. @default false */
  readonly dryRun?: boolean;
}

/** Result of `sshSync`. */
export interface SshSyncResult {
  readonly host: string;
  readonly hostKeyFingerprint: string;
  readonly path: string;
  /** Files of the source. */
  readonly files: number;
  readonly bytes: number;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly transferredBytes: number;
  /** What was changed, 100 entries at most: `+` created, `~` updated, `-` deleted, with the path. */
  readonly changes: readonly string[];
  readonly elapsedMs: number;
  readonly attempt: number;
}

/** Heartbeat details of a transfer. */
export interface SshTransferHeartbeat {
  /** The stage that is under way, or what is done with the file: `verify`, `transfer`, `place`. */
  readonly phase: string;
  /** The file that is under way. */
  readonly file: string;
  /** What the other side has of it. */
  readonly bytes: number;
  readonly totalBytes?: number;
  /** Over the last seconds. */
  readonly bytesPerSecond: number;
  /** For `sshSync`: files that are done, and files in all. */
  readonly filesDone?: number;
  readonly filesTotal?: number;
  /** The unfinished copy on the host, for the attempt that follows. */
  readonly part?: string;
}

/** Options of `sshHost(...).upload`. */
export interface SshUploadOptions extends Omit<SshUploadInput, 'host' | 'from' | 'to'>, SshStepOptions {}

/** Options of `sshHost(...).download`. */
export interface SshDownloadOptions extends Omit<SshDownloadInput, 'host' | 'from' | 'to'>, SshStepOptions {}

/** Options of `sshHost(...).putFile`. */
export interface SshPutFileOptions extends Omit<SshPutFileInput, 'host' | 'to' | 'content'>, SshStepOptions {}

/** Options of `sshHost(...).sync`. */
export interface SshSyncOptions extends Omit<SshSyncInput, 'host' | 'from' | 'to'>, SshStepOptions {}

/** One transfer, as data. */
export type SshTransferSpec =
  | { readonly upload: SshUploadOptions & { readonly from: SshFileSource; readonly to: string } }
  | { readonly download: SshDownloadOptions & { readonly from: string; readonly to: SshFileSink } }
  | { readonly putFile: SshPutFileOptions & { readonly to: string; readonly content: string } }
  | { readonly sync: SshSyncOptions & { readonly from: string | SshRootPath; readonly to: string } };

/** The kinds of transfers; each is the name of the field of {@link SshTransferSpec} that makes it one. */
export const SSH_TRANSFER_KINDS = ['upload', 'download', 'putFile', 'sync'] as const;

/** Input of the workflow `sshTransfer`. */
export type SshTransferRunInput = SshTransferSpec & {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
};
