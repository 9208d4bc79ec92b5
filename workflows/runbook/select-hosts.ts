import { ApplicationFailure } from '@temporalio/common';
import type { SshHostSelection, SshRunbook } from '../../contract';
import { listSshHosts } from '../list-ssh-hosts';

/**
 * The hosts of each step, by its index. Labels are looked up once, before the first step: what the hosts file says later
 * changes nothing of a run that has begun.
 *
 * @throws `ApplicationFailure` of type `SshInvalidOptions` when no host has the labels
 */
export async function selectHosts({ hosts, steps, name }: SshRunbook): Promise<readonly (readonly string[])[]> {
  const known = new Map<string, readonly string[]>();
  const select = async (selection: SshHostSelection): Promise<readonly string[]> => {
    const key = JSON.stringify(selection);
    const found = known.get(key) ?? (await lookUp(selection, name));
    known.set(key, found);
    return found;
  };
  const all: (readonly string[])[] = [];
  for (const step of steps) {
    const alone = 'sleep' in step || 'approve' in step;
    const selection = step.hosts ?? hosts;
    all.push(alone || selection === undefined ? [] : await select(selection));
  }
  return all;
}

/** Hosts by names or labels. */
export async function lookUp(selection: SshHostSelection, what: string): Promise<readonly string[]> {
  if (!('labels' in selection)) return selection;
  const hosts = await listSshHosts({ labels: selection.labels });
  if (hosts.length > 0) return hosts.map(({ name }) => name);
  throw ApplicationFailure.nonRetryable(
    `${what}: no host in the workers' hosts file has the labels ${JSON.stringify(selection.labels)}.`,
    'SshInvalidOptions'
  );
}
