import type { SshDeadlines } from '../../contract';
import type { DialObserver } from '../dial';

/** What is told while a transfer is under way. */
export interface TransferProgress {
  readonly phase: 'verify' | 'transfer' | 'place';
  readonly file: string;
  /** What the other side has of it. */
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly filesDone?: number;
  readonly filesTotal?: number;
  /** The unfinished copy on the host. */
  readonly part?: string;
}

/** How a transfer is done, whatever it transfers. */
export interface TransferOptions {
  /** `run` is for the whole transfer, `idle` for the longest time without a byte or an answer. */
  readonly deadlines: SshDeadlines;
  readonly signal: AbortSignal;
  readonly observer?: DialObserver;
  readonly onProgress?: (progress: TransferProgress) => void;
  /** @default 1 */
  readonly attempt?: number;
  /**
   * Equal for all attempts of one step and for no other step, on any worker: what an attempt leaves unfinished is found by
   * it. Must not be guessable for other users of the host.
   */
  readonly key: string;
  /** What an earlier attempt left unfinished on the host, as its progress told. It is removed if it is of no use. */
  readonly earlierPart?: string;
  /** No attempt will follow this one: nothing unfinished is left, whatever it fails with. @default false */
  readonly last?: boolean;
}
