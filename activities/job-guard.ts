import type { Context } from '@temporalio/activity';
import { interruptionKind } from './interruption';

/** What {@link guardJob} returns. */
export interface JobGuard {
  /** Aborts, with the reason of Temporal's own, when the attempt has to end. */
  readonly signal: AbortSignal;
  /** Somebody asked for the end of the job, and not only of this attempt. */
  cancelled(): boolean;
  /** Looks whether Temporal has changed its mind meanwhile: its own signal fires only once. */
  check(): void;
  release(): void;
}

/** Turns Temporal's interruptions into the end of an attempt; the job itself goes on unless it was cancelled. */
export function guardJob(context: Pick<Context, 'cancellationSignal' | 'cancellationDetails'>): JobGuard {
  const { cancellationSignal } = context;
  const controller = new AbortController();
  const check = (): void => {
    if (!cancellationSignal.aborted || controller.signal.aborted) return;
    if (interruptionKind(context) !== 'ignore') controller.abort(cancellationSignal.reason);
  };
  cancellationSignal.addEventListener('abort', check);
  check();
  return {
    signal: controller.signal,
    // A timeout and an activity that is no longer known are of the attempt: the job is still wanted.
    cancelled: () => context.cancellationDetails?.cancelRequested ?? false,
    check,
    release: () => cancellationSignal.removeEventListener('abort', check),
  };
}
