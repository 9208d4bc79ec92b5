import { healthyProblems } from '../contract';
import type { SshHealthyOptions, SshHealthyResult, SshHostDefaults } from '../contract';
import { lookUntil } from './look-step';

const DEADLINE_MS = 10 * 60_000;

/** Looks at a host by a command until it has been healthy for long enough, in one activity, `sshHealthy`. */
export async function untilHealthy(
  host: string,
  command: string | readonly string[],
  defaults: SshHostDefaults,
  options: SshHealthyOptions
): Promise<SshHealthyResult> {
  return lookUntil({
    name: 'sshHealthy',
    host,
    step: 'untilHealthy',
    defaults,
    inherited: ['heartbeatTimeout', 'taskQueue', 'env', 'cwd'],
    options,
    fixed: { command },
    problems: healthyProblems,
    defaultDeadlineMs: DEADLINE_MS,
    awaited: { type: 'SshUnhealthy', what: 'was not healthy' },
  });
}
