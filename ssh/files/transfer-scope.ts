import type { SshFailureType } from '../../contract';
import type { SshError } from '../ssh-error';
import { StageClock } from '../stage-clock';
import type { FailureParts } from '../stage-clock';
import type { SshTarget } from '../target';
import type { TransferOptions } from './transfer-options';

/** What the parts of one transfer share. */
export interface TransferScope {
  /** Aborted by the caller, or with `SshRunTimeout` when the deadline of the whole transfer passes. */
  readonly signal: AbortSignal;
  /** Makes a failure of the stage `run`. */
  failure(type: SshFailureType, parts: FailureParts): SshError;
}

/**
 * Runs a transfer under the deadline `run`, which begins with it: setting the connection up is part of it.
 *
 * @throws what the body throws, `SshRunTimeout`, or the reason of the options' signal
 */
export async function inTransferScope<T>(
  target: SshTarget,
  { deadlines, signal }: TransferOptions,
  body: (scope: TransferScope) => Promise<T>
): Promise<T> {
  signal.throwIfAborted();
  const clock = new StageClock(target, deadlines);
  const failure: TransferScope['failure'] = (type, parts) => clock.failure(type, { stage: 'run', ...parts });
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  clock.enter('run', (_type, { limitMs }) => {
    controller.abort(
      failure('SshRunTimeout', { what: 'did not finish the transfer in time', ...(limitMs && { limitMs }) })
    );
  });
  try {
    return await body({ signal: controller.signal, failure });
  } finally {
    clock.leave();
    signal.removeEventListener('abort', onAbort);
  }
}
