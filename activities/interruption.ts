import type { Context } from '@temporalio/activity';

/** Why Temporal interrupts an activity, as far as it makes a difference to a command. */
export type InterruptionKind = 'stop' | 'drain' | 'yield';

/**
 * What an interruption asks for:
 * - `stop`: nobody wants the result any more (cancelled, timed out, or the activity is no longer known).
 * - `drain`: this worker shuts down; another one can go on.
 * - `yield`: an operator paused or reset the activity; it will be attempted again.
 */
export function interruptionKind({
  cancellationDetails: details,
}: Pick<Context, 'cancellationDetails'>): InterruptionKind {
  if (!details || details.cancelRequested || details.timedOut || details.notFound) return 'stop';
  if (details.workerShutdown) return 'drain';
  return details.paused || details.reset ? 'yield' : 'stop';
}
