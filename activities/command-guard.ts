import type { Context } from '@temporalio/activity';
import { interruptionKind } from './interruption';

/** Why a command that must not run twice was ended although nobody cancelled it. */
export class DrainExpired extends Error {
  constructor(readonly drainMs: number) {
    super(`the worker shut down and the command did not end within ${drainMs} ms`);
    this.name = 'DrainExpired';
  }
}

/** What {@link guardCommand} returns. */
export interface CommandGuard {
  /** Aborts when the command has to end. */
  readonly signal: AbortSignal;
  /** An interruption was passed over: the command goes on. */
  readonly passedOver: boolean;
  /** Looks whether Temporal has changed its mind meanwhile: its own signal fires only once. */
  check(): void;
  /** Ends the command as cancelled, whatever interrupted it before. */
  cancel(): void;
  release(): void;
}

/**
 * Turns Temporal's cancellation into the command's.
 *
 * A command that is cancelled ends. Worker shutdown, pause and reset end it only if it can be sent again, because it was
 * not sent yet or is idempotent; any other command goes on to its end, at a shutdown for `drainMs` at most.
 */
export function guardCommand(
  context: Pick<Context, 'cancellationSignal' | 'cancellationDetails'>,
  command: { readonly idempotent: boolean; readonly sent: () => boolean; readonly drainMs: number }
): CommandGuard {
  const { cancellationSignal } = context;
  const controller = new AbortController();
  let drain: NodeJS.Timeout | undefined;

  const cancel = (): void => controller.abort(cancellationSignal.reason);
  const check = (): void => {
    if (!cancellationSignal.aborted || controller.signal.aborted) return;
    const kind = interruptionKind(context);
    if (kind === 'ignore') return;
    if (kind === 'stop' || command.idempotent || !command.sent()) return cancel();
    if (kind === 'drain') {
      drain ??= setTimeout(() => controller.abort(new DrainExpired(command.drainMs)), command.drainMs);
    }
  };
  cancellationSignal.addEventListener('abort', check);
  check();
  return {
    signal: controller.signal,
    get passedOver() {
      return cancellationSignal.aborted && !controller.signal.aborted && interruptionKind(context) !== 'ignore';
    },
    check,
    cancel,
    release: () => {
      clearTimeout(drain);
      cancellationSignal.removeEventListener('abort', check);
    },
  };
}
