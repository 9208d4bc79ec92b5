/** A directory of the worker that transfers may use. */
export interface SshFilesRoot {
  /** Absolute, or below the worker's current directory; `~` is the home of the worker's user. */
  readonly path: string;
  /** Whether uploads may read it and downloads may write it. @default 'read' */
  readonly access?: 'read' | 'write' | 'read-write';
}

/** What a source function is asked for. */
export interface SshSourceRequest {
  readonly key: string;
  /** Aborted when the transfer ends, whatever became of it. */
  readonly signal: AbortSignal;
}

/** What a source function gives. */
export interface SshSourceContent {
  /** All bytes, from the first. */
  readonly content: AsyncIterable<Uint8Array>;
  /** Makes progress and early checks possible. */
  readonly size?: number;
  /**
   * Changes with the content, such as an ETag: what an attempt left unfinished is gone on with only if it is the same.
   */
  readonly version?: string;
}

/** What a sink function gets: a file that is whole and proven. */
export interface SshSinkRequest {
  readonly key: string;
  readonly content: AsyncIterable<Buffer>;
  readonly size: number;
  readonly signal: AbortSignal;
}

/** Fetches a file, such as from an object store. It may be called more than once for one transfer. */
export type SshFileSourceFunction = (request: SshSourceRequest) => Promise<SshSourceContent>;

/** Keeps a file, such as in an object store. It is called once the file is proven, and again by a retry if it fails. */
export type SshFileSinkFunction = (request: SshSinkRequest) => Promise<void>;

/** Gives a secret to templates: its text, where it is kept, or a function that fetches it. Read on each use. */
export type SshTemplateSecret = { readonly env: string } | { readonly file: string } | (() => string | Promise<string>);

/** What the web sources may be. */
export interface SshHttpsOptions {
  /**
   * Origins that files may be fetched from, such as `https://releases.example.com`; also `http://` ones. A redirect that
   * leads elsewhere is refused.
   */
  readonly origins: readonly string[];
}

/** What files transfers may read and write on the worker. Without it, only `putFile` can be used. */
export interface SshFilesOptions {
  /** Directories by name; a path alone is one that uploads may read. */
  readonly roots?: Readonly<Record<string, string | SshFilesRoot>>;
  /** Functions that give files, by name. */
  readonly sources?: Readonly<Record<string, SshFileSourceFunction>>;
  /** Functions that take files, by name. */
  readonly sinks?: Readonly<Record<string, SshFileSinkFunction>>;
  /** Secrets for the templates of `putFile`, by name. */
  readonly secrets?: Readonly<Record<string, SshTemplateSecret>>;
  /** Files from the web. @default none may be fetched: a workflow could ask for whatever the worker can reach */
  readonly https?: SshHttpsOptions;
  /** A file that is larger is refused as `SshTransferTooLarge`, whichever way it goes. @default none */
  readonly maxBytes?: number;
}
