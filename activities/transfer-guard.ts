import type { Context } from '@temporalio/activity';
import { AttemptInterrupted } from '../ssh/files/attempt-interrupted';
import { interruptionKind } from './interruption';

/** What {@link guardTransfer} returns. */
export interface TransferGuard {
  /** Aborts when the attempt has to end: with `AttemptInterrupted` where another one goes on with it. */
  readonly signal: AbortSignal;
  /** Looks whether Temporal has changed its mind meanwhile: its own signal fires only once. */
  check(): void;
  release(): void;
}

/**
 * Turns Temporal's interruptions into the end of an attempt. A transfer can always be repeated, so that any ends it; what a
 * worker that shuts down, or somebody who paused or reset the step, leaves unfinished is kept for the attempt that follows.
 */
export function guardTransfer(context: Pick<Context, 'cancellationSignal' | 'cancellationDetails'>): TransferGuard {
  const { cancellationSignal } = context;
  const controller = new AbortController();
  const check = (): void => {
    if (!cancellationSignal.aborted || controller.signal.aborted) return;
    const kind = interruptionKind(context);
    if (kind === 'ignore') return;
    controller.abort(kind === 'stop' ? cancellationSignal.reason : new AttemptInterrupted());
  };
  cancellationSignal.addEventListener('abort', check);
  check();
  return {
    signal: controller.signal,
    check,
    release: () => cancellationSignal.removeEventListener('abort', check),
  };
}
