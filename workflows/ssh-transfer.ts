import { SSH_TRANSFER_KINDS } from '../contract';
import type { SshSyncResult, SshTransferResult, SshTransferRunInput } from '../contract';
import { invalidOptions } from './invalid-options';
import { sshHost } from './ssh-host';
import { startTransfer } from './start-transfer';

/**
 * Ready-made workflow: one transfer of files to or from one host, as `temporal-ssh cp` starts it.
 *
 * Its result and failures are those of {@link SshHost.upload}, `download`, `putFile` or `sync`.
 */
export async function sshTransfer(input: SshTransferRunInput): Promise<SshTransferResult | SshSyncResult> {
  // Any client can start this, so that even the input may be missing.
  const { host: name, ...given } = (input as Readonly<Record<string, unknown>> | undefined) ?? {};
  const host = sshHost(name as string);
  const [field, ...others] = Object.keys(given);
  const kind = SSH_TRANSFER_KINDS.find((each) => each === field);
  const transfer: unknown = kind && given[kind];
  const running = others.length === 0 && isObject(transfer) ? startTransfer(given, host) : undefined;
  if (running) return running;
  const expected = `host, and an object for exactly one of ${SSH_TRANSFER_KINDS.join(', ')}`;
  const found = Object.keys(given).join(', ') || 'none of them';
  throw invalidOptions('sshTransfer', host.name, [{ option: 'input', expected, found }]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
