import type { Context } from '@temporalio/activity';

/** Why Temporal interrupts an activity, as far as it makes a difference to a command. */
export type InterruptionKind = 'stop' | 'drain' | 'yield' | 'ignore';

/**
 * What an interruption asks for:
 * - `stop`: nobody wants the result any more (cancelled, timed out, or the activity is no longer known).
 * - `drain`: this worker shuts down; another one can go on.
 * - `yield`: an operator paused or reset the activity; it will be attempted again.
 * - `ignore`: the SDK could not encode a heartbeat, because a payload codec failed. The next one may work, and the command
 *   has nothing to do with it.
 */
export function interruptionKind({
  cancellationDetails: details,
  cancellationSignal,
}: Pick<Context, 'cancellationDetails' | 'cancellationSignal'>): InterruptionKind {
  if (!details || details.cancelRequested || details.timedOut || details.notFound) return 'stop';
  if (details.workerShutdown) return 'drain';
  if (details.paused || details.reset) return 'yield';
  // It comes without details; its name is the only sign of it.
  const { message } = cancellationSignal.reason as Error;
  return message === 'HEARTBEAT_DETAILS_CONVERSION_FAILED' ? 'ignore' : 'stop';
}
