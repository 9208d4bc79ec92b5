/** What a peer can be asked for. */
export type PeerOperation =
  /** `count` connections to the hosts by turns, each for one command. */
  | 'connect'
  /** `count` commands on one connection. */
  | 'exec'
  /** One command, whose output is read and thrown away. */
  | 'read'
  /** `count` connections that stay open. */
  | 'hold'
  /** A file, or a directory with all that is in it, from this machine to the host. */
  | 'upload'
  | 'download';

/** What a peer's program gets as JSON on its standard input. */
export interface PeerJob {
  readonly op: PeerOperation;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  readonly hostFingerprint: string;
  readonly command: string;
  readonly count: number;
  readonly concurrency: number;
  /** What the output of `read` has. */
  readonly bytes: number;
  /** Paths of `upload` and `download`. */
  readonly local: string;
  readonly remote: string;
  /** A Python on the host, for peers that need one there. */
  readonly python: string;
}

/** What it prints as JSON. Its own start, and what is set up before the work, are not in it. */
export interface PeerTimes {
  readonly seconds: number;
  /** Of the client, and of the programs that it ran. */
  readonly cpuMs: number;
  readonly maxResidentKib: number;
  /** How much `hold` has added. */
  readonly residentKib?: number;
  /** Milliseconds of each piece of work. */
  readonly times: readonly number[];
  readonly failed: number;
  readonly bytes: number;
}
