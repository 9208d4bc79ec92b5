import { scheduleActivity } from '@temporalio/workflow';

/** Hosts of the workers' hosts file by their labels. */
export async function listSshHosts(selector: {
  readonly labels: Readonly<Record<string, string | readonly string[]>>;
}): Promise<{ readonly hosts: readonly { readonly name: string }[] }> {
  return scheduleActivity('sshListHosts', [selector], { startToCloseTimeout: '1m' });
}
