/** A download that is being written on the worker. */
export interface SinkWriter {
  /** Takes the next bytes; resolves once there is room for more. */
  write(chunk: Buffer): Promise<void>;
  /** All bytes came and are proven: puts the file in its place, at once. */
  commit(): Promise<void>;
  /** Stops; `keep` leaves the unfinished file for {@link FileSink.part}. Never fails. */
  abandon(keep: boolean): Promise<void>;
}

/** What an earlier attempt left on this worker. */
export interface SinkPart {
  readonly size: number;
  /** Its bytes, to be hashed: the host is asked whether it has the same. */
  read(): AsyncIterable<Buffer>;
}

/** Where the bytes of a download go to. Each method fails with `SshError` `SshTransferSinkFailed`, or `SshTransferNoSpace`. */
export interface FileSink {
  /** What it is called in messages. */
  readonly name: string;
  /** What is in the sink's place now, if that can be told: a download of the same is left out. */
  current?(signal: AbortSignal): Promise<{ readonly size: number; read(): AsyncIterable<Buffer> } | undefined>;
  /** What an earlier attempt with the same key left. */
  part?(key: string, signal: AbortSignal): Promise<SinkPart | undefined>;
  /** Begins to write. With `offset` over 0 it goes on after that many bytes of the part, which are cut to them. */
  open(key: string, offset: number, signal: AbortSignal): Promise<SinkWriter>;
}
