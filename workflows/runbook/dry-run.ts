import { ApplicationFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import type { SshHostDefaults, SshHostStepReport, SshRunbook, SshRunbookStep } from '../../contract';
import { failureText } from '../failure-text';
import { sshHost } from '../ssh-host';
import { atOnce } from './at-once';

const AT_ONCE = 20;
const NAMED = 10;

/** The programs that a runbook needs on a host: those that it names, and the first words of commands that are lists. */
export function programsFor(
  runbook: SshRunbook,
  hosts: readonly (readonly string[])[],
  host: string
): readonly string[] {
  const steps = runbook.steps.filter((_, index) => hosts[index]?.includes(host));
  return programsOf(runbook.programs ?? [], steps);
}

/** The programs that steps need: those that are named, and the first words of commands that are lists. */
export function programsOf(named: readonly string[], steps: readonly SshRunbookStep[]): readonly string[] {
  const programs = new Set(named);
  for (const step of steps) {
    const { exec, job, healthy, verify, reboot } = step as unknown as Readonly<Record<string, unknown>>;
    for (const command of [exec, job, healthy, verify, reboot, step.undo?.exec]) {
      const [program] = Array.isArray(command) ? (command as readonly string[]) : [];
      if (program !== undefined) programs.add(program);
    }
  }
  return [...programs];
}

/** Whether a run could begin on a host: it can be logged in to, and has the programs. */
export async function checkHost(
  host: string,
  programs: readonly string[],
  defaults: SshHostDefaults | undefined
): Promise<SshHostStepReport & { readonly state: 'succeeded' | 'failed' }> {
  try {
    const { missing } = await sshHost(host, defaults).check({ programs });
    if (missing.length === 0) return { host, state: 'succeeded' };
    return { host, state: 'failed', message: `it lacks ${missing.join(', ')}: install that there, or mend the file` };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { host, state: 'failed', ...failureText(error) };
  }
}

/** What a dry run fails with; why each host is not ready is in the report, and told there once. */
export function notReady(hosts: readonly string[], total: number): ApplicationFailure {
  const more = hosts.length > NAMED ? ` and ${hosts.length - NAMED} more` : '';
  const names = `${hosts.slice(0, NAMED).join(', ')}${more}`;
  const message = `${hosts.length} of ${total} hosts are not ready: ${names}. The report says why; nothing was changed`;
  return ApplicationFailure.nonRetryable(message, 'SshRunFailed');
}

/** Checks each host once. */
export async function dryRun(
  runbook: SshRunbook,
  hosts: readonly (readonly string[])[],
  onHost: (report: SshHostStepReport) => void
): Promise<void> {
  const all = [...new Set(hosts.flat())];
  await atOnce(AT_ONCE, all, async (host) => {
    onHost({ host, state: 'running' });
    onHost(await checkHost(host, programsFor(runbook, hosts, host), runbook.defaults));
    return 'go on';
  });
}
