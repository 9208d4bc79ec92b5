import type { SshCommandInput, SshExecResult } from '../contract';
import { sshHost } from './ssh-host';

/**
 * Ready-made workflow: one command on one host, as `temporal-ssh exec` starts it.
 *
 * Its result and failures are those of {@link SshHost.exec}.
 */
export async function sshCommand(input: SshCommandInput): Promise<SshExecResult> {
  // Any client can start this, so that even the input may be missing.
  const { host, command, ...options } = (input as Partial<SshCommandInput> | undefined) ?? {};
  return sshHost(host as string).exec(command as string, options);
}
