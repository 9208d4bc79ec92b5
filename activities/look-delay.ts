import type { Context } from '@temporalio/activity';
import { parseDuration } from '../contract';
import type { SshError } from '../ssh/ssh-error';
import { coolDownDelayMs } from './retry-delay';

const DEFAULT_EVERY_MS = 10_000;
const SHORTEST_MS = 1_000;

/**
 * How long it is until the next look, in milliseconds: the given time, or longer if the engine leaves the host alone for
 * longer. A look that would come too late comes in the middle of what is left, so that the end of the deadline is not
 * spent waiting.
 */
export function lookDelayMs(
  { every, error }: { readonly every: unknown; readonly error?: SshError | undefined },
  leftMs: number = Infinity
): number {
  const leftAlone = error?.retryAfterMs === undefined ? 0 : coolDownDelayMs(error.retryAfterMs);
  const delay = Math.max(parseDuration(every) ?? DEFAULT_EVERY_MS, leftAlone);
  const half = Math.floor(leftMs / 2);
  return delay >= leftMs && half >= Math.max(SHORTEST_MS, leftAlone) ? half : delay;
}

/** The time by the clock of Temporal's server, as far as an attempt can know it: it may have waited for a worker. */
export function serverNowMs({ currentAttemptScheduledTimestampMs: begun }: Context['info'], sinceMs: number): number {
  return begun + Math.round(performance.now() - sinceMs);
}

/** What is left of an activity's `scheduleToCloseTimeout`. */
export function leftMs(info: Context['info'], nowMs: number): number {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs } = info;
  return scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs - nowMs : Infinity;
}
