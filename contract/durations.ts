import { msToNumber } from '@temporalio/common/lib/time';
import type { Duration } from '@temporalio/common';
import { DEFAULT_DEADLINES, TIMEOUT_NAMES } from './stages';
import type { SshDeadlines, SshTimeouts } from './stages';

/** What a duration must look like, for messages. */
export const DURATION_EXPECTED = "a positive number of milliseconds or a duration such as '60s'";

/** The milliseconds of a duration, or `undefined` for anything that is not a positive and finite one. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  try {
    const ms = msToNumber(value as Duration);
    return Number.isFinite(ms) && ms > 0 && ms <= Number.MAX_SAFE_INTEGER ? Math.max(1, Math.round(ms)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Merges timeouts, the later ones over the earlier ones, over the defaults.
 *
 * Expects values that were validated; anything else is passed over.
 */
export function resolveDeadlines(...layers: readonly (SshTimeouts | undefined)[]): SshDeadlines {
  const merged: Record<string, number> = { ...DEFAULT_DEADLINES };
  for (const layer of layers) {
    for (const name of TIMEOUT_NAMES) {
      const ms = parseDuration(layer?.[name]);
      if (ms !== undefined) merged[name] = ms;
    }
  }
  return merged as unknown as SshDeadlines;
}

/** The longest that a connection may take until a command runs: the sum of the deadlines of the stages before `run`. */
export function setUpLimitMs(deadlines: SshDeadlines): number {
  const { connect, banner, kex, auth, channel, exec } = deadlines;
  return connect + banner + kex + auth + channel + exec;
}
