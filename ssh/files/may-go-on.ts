import { SshError } from '../ssh-error';
import { AttemptInterrupted } from './attempt-interrupted';
import type { TransferOptions } from './transfer-options';

/** Whether an attempt follows that can go on with what this one left. */
export function mayGoOn(error: unknown, { signal, last = false }: TransferOptions): boolean {
  if (last) return false;
  if (signal.aborted) return signal.reason instanceof AttemptInterrupted;
  if (!(error instanceof SshError)) return false;
  return error.retryable && error.type !== 'SshTransferCorrupted' && error.type !== 'SshTransferSourceChanged';
}
