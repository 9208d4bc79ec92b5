import { sshHost } from 'temporal-ssh/workflow';

/** Asks a host what it is. */
export async function uname(host: string): Promise<string> {
  const { stdout } = await sshHost(host).exec('uname -a');
  return stdout;
}
