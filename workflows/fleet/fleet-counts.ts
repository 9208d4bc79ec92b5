import type { SshFleetCounts } from '../../contract';

/** Counts to count up. */
export type Counts = { -readonly [State in keyof SshFleetCounts]: number };

/** Nothing counted yet. */
export function emptyCounts(total: number): Counts {
  return { total, pending: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, undone: 0 };
}
