import type { SetUp } from './set-up';

/** A request as it goes to a host. */
export interface TransportRequest {
  /** What the host's shell evaluates. */
  readonly payload: string;
  /** The whole environment that the request asks for. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has a connection to itself, which can be cut without harm to others. */
  readonly alone: boolean;
  /** Whether its output is read; without, its reader is stalled until `resume`. */
  readonly read: boolean;
}

/** A request under way, whatever carries it. */
export interface Carried {
  /** Resolves when it has ended, or was cut. */
  readonly closed: Promise<void>;
  /** What has come until now. */
  stdout(): Buffer;
  stderr(): Buffer;
  /** Reads on, after a start without. */
  resume(): void;
  /** Loses the connection. */
  cut(): void;
}

/** What carries requests to a host. */
export interface Transport {
  readonly setUp: SetUp;
  /** A process in the mount namespace in which requests run; undefined where each one makes its own. */
  readonly namespacePid?: number;
  carry(request: TransportRequest): Promise<Carried>;
}
