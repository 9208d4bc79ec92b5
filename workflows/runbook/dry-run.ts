import { isCancellation } from '@temporalio/workflow';
import type { SshHostStepReport, SshRunbook } from '../../contract';
import { failureText } from '../failure-text';
import { sshHost } from '../ssh-host';
import { atOnce } from './at-once';
import type { LookingHost } from './looking-host';

const AT_ONCE = 20;

/** The programs that a runbook needs on a host: those that it names, and the first words of commands that are lists. */
export function programsFor(
  runbook: SshRunbook,
  hosts: readonly (readonly string[])[],
  host: string
): readonly string[] {
  const programs = new Set(runbook.programs);
  runbook.steps.forEach((step, index) => {
    if (!hosts[index]?.includes(host)) return;
    const { exec, job, healthy, verify, reboot } = step as unknown as Readonly<Record<string, unknown>>;
    for (const command of [exec, job, healthy, verify, reboot, step.undo?.exec]) {
      const [program] = Array.isArray(command) ? (command as readonly string[]) : [];
      if (program !== undefined) programs.add(program);
    }
  });
  return [...programs];
}

/** Checks each host once, and tells of each whether a run could begin there. */
export async function dryRun(
  runbook: SshRunbook,
  hosts: readonly (readonly string[])[],
  onHost: (report: SshHostStepReport) => void
): Promise<void> {
  const all = [...new Set(hosts.flat())];
  await atOnce(AT_ONCE, all, async (host) => {
    onHost({ host, state: 'running' });
    try {
      const { missing } = await (sshHost(host, runbook.defaults) as LookingHost).check({
        programs: programsFor(runbook, hosts, host),
      });
      onHost(
        missing.length === 0
          ? { host, state: 'succeeded' }
          : { host, state: 'failed', message: `has not: ${missing.join(', ')}` }
      );
    } catch (error) {
      if (isCancellation(error)) throw error;
      onHost({ host, state: 'failed', ...failureText(error) });
    }
    return 'go on';
  });
}
