import type { SshJobResult, SshJobRunInput } from '../contract';
import { sshHost } from './ssh-host';

/**
 * Ready-made workflow: one job on one host, or the end of one that was started elsewhere.
 *
 * Its result and failures are those of {@link SshHost.job}.
 */
export async function sshJobRun(input: SshJobRunInput): Promise<SshJobResult> {
  // Any client can start this, so that even the input may be missing.
  const { host, command, ...options } = (input as Partial<SshJobRunInput> | undefined) ?? {};
  if (command !== undefined) return sshHost(host as string).job(command, options);
  const { id, ...others } = options;
  return sshHost(host as string).attach(id as string, others);
}
