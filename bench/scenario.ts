import type { PeerJob } from './peer-job';
import type { BenchSettings } from './settings';

/** One line of a scenario's table. */
export type BenchRow = Readonly<Record<string, string | number>>;

/** What one client measured, round by round. */
export interface SeriesLine {
  readonly client: string;
  readonly values: readonly number[];
  /** CPU time of the client, in milliseconds for each piece of work; where it can be told. */
  readonly cpuMs?: readonly number[];
}

/** Clients side by side, in one unit. Ours is first; what others have is compared with it. */
export interface Series {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
  readonly lines: readonly SeriesLine[];
  /** Clients that could not be had, or could not do it, and why. */
  readonly missing: readonly { readonly client: string; readonly why: string }[];
}

/** What a scenario has found. */
export interface ScenarioResult {
  readonly series: readonly Series[];
  /** What has no peer. */
  readonly rows: readonly BenchRow[];
}

/** Something that is measured, beside what people do without us, in one run. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly run: (settings: BenchSettings) => Promise<ScenarioResult>;
}

/** What a scenario asks of each peer. */
export type JobWork = Pick<PeerJob, 'op' | 'command' | 'count' | 'concurrency'> &
  Partial<Pick<PeerJob, 'hosts' | 'bytes' | 'local' | 'remote'>>;
