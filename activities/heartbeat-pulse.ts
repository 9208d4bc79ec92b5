import type { Context } from '@temporalio/activity';

// The answer to a heartbeat is what tells of a cancellation. The SDK sends fewer than are made here, by
// `maxHeartbeatThrottleInterval`, so that a beat costs next to nothing.
const LONGEST_MS = 1_000;
const SHORTEST_MS = 100;

/**
 * Beats each second, or at a third of a heartbeat timeout under 3 s so that two beats may be late, with what `details`
 * returns.
 *
 * Takes the context instead of asking for the current one: timers and sockets run in whatever context created them.
 * Returns how to stop.
 */
export function startHeartbeat(
  context: Pick<Context, 'heartbeat' | 'info'>,
  details: () => unknown,
  onBeat?: () => void
): () => void {
  // The server says 0 for an activity that was scheduled without one.
  const timeout = context.info.heartbeatTimeoutMs || Infinity;
  const interval = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, timeout / 3));
  const beat = (): void => {
    context.heartbeat(details());
    onBeat?.();
  };
  beat();
  const timer = setInterval(beat, interval);
  return () => clearInterval(timer);
}
