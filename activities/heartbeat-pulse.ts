import type { Context } from '@temporalio/activity';

const LONGEST_MS = 10_000;
const SHORTEST_MS = 100;

/**
 * Beats at a third of the heartbeat timeout, so that two beats may be late, with what `details` returns.
 *
 * Takes the context instead of asking for the current one: timers and sockets run in whatever context created them.
 * Returns how to stop.
 */
export function startHeartbeat(
  context: Pick<Context, 'heartbeat' | 'info'>,
  details: () => unknown,
  onBeat?: () => void
): () => void {
  const timeout = context.info.heartbeatTimeoutMs;
  const interval = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, (timeout ?? 3 * LONGEST_MS) / 3));
  const beat = (): void => {
    context.heartbeat(details());
    onBeat?.();
  };
  beat();
  const timer = setInterval(beat, interval);
  return () => clearInterval(timer);
}
