import { ApplicationFailure } from '@temporalio/common';
import type { SshHostSelection, SshRunbook } from '../../contract';
import { listSshHosts } from '../list-ssh-hosts';

const MOST_HOSTS = 1_000;
const MOST_UNDO = 5_000;

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
  requireFew(all, steps, name);
  return all;
}

/**
 * Temporal ends a workflow with more than 51,200 events, and nothing would be undone: a step cannot be divided, nor can the undoing.
 */
function requireFew(hosts: readonly (readonly string[])[], steps: SshRunbook['steps'], name: string): void {
  const all = new Set(hosts.flat()).size;
  const undo = steps.reduce((sum, step, index) => sum + (step.undo ? (hosts[index]?.length ?? 0) : 0), 0);
  if (all <= MOST_HOSTS && undo <= MOST_UNDO) return;
  throw ApplicationFailure.nonRetryable(
    `${name}: a runbook has ${MOST_HOSTS} hosts at most, and ${MOST_UNDO} undo steps counted on each host; found ${all} hosts and ` +
      `${undo} undo steps. sshRollout is for many hosts.`,
    'SshInvalidOptions'
  );
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
