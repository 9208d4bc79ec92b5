import { reachableProblems } from '../contract';
import type { SshHostDefaults, SshReachableResult, SshWaitOptions } from '../contract';
import { lookUntil } from './look-step';

const DEADLINE_MS = 15 * 60_000;

/** Looks at a host until it lets a worker in, in one activity, `sshReachable`. */
export async function waitUntilReachable(
  host: string,
  defaults: SshHostDefaults,
  options: SshWaitOptions
): Promise<SshReachableResult> {
  return lookUntil({
    name: 'sshReachable',
    host,
    step: 'waitUntilReachable',
    defaults,
    inherited: ['heartbeatTimeout', 'taskQueue'],
    options,
    problems: reachableProblems,
    defaultDeadlineMs: DEADLINE_MS,
    awaited: {
      type: 'SshUnreachable',
      what: options?.notBootId === undefined ? 'was not reachable' : 'was not there with another boot id',
    },
  });
}
