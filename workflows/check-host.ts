import { scheduleActivity } from '@temporalio/workflow';
import { checkProblems, parseDuration } from '../contract';
import type { SshCheckOptions, SshCheckResult, SshHostDefaults } from '../contract';
import { sizeProblems } from './input-size';
import { invalidOptions, requireObject } from './invalid-options';
import { jobRequestOptions } from './job-activity-options';
import { mergeOptions } from './merge-options';
import { isStepOption, stepProblems } from './step-problems';

/** A dry run of what every step on a host needs, in one activity, `sshCheck`. */
export async function checkHost(
  host: string,
  { timeouts, retry, heartbeatTimeout, taskQueue }: SshHostDefaults,
  options: SshCheckOptions
): Promise<SshCheckResult> {
  const subject = `check on ${host}`;
  requireObject(subject, 'options', host, options);
  const defaults = Object.fromEntries(Object.entries({ timeouts, retry, heartbeatTimeout, taskQueue }));
  const merged: SshCheckOptions = mergeOptions(defaults, options);
  const given = Object.entries(merged).filter(([, value]) => value !== undefined);
  const input = { ...Object.fromEntries(given.filter(([option]) => !isStepOption(option))), host };
  const step = Object.fromEntries(given.filter(([option]) => isStepOption(option)));
  const misplaced = 'host' in merged ? [{ option: 'host', expected: 'it as an argument', found: 'an option' }] : [];
  const problems = [...misplaced, ...checkProblems(input), ...stepProblems(step)];
  if (problems.length === 0) problems.push(...sizeProblems(input));
  if (problems.length > 0) throw invalidOptions(subject, host, problems);
  const deadlineMs = parseDuration(merged.deadline);
  return scheduleActivity<SshCheckResult>('sshCheck', [input], {
    ...jobRequestOptions(host, step, merged.summary ?? 'check'),
    ...(deadlineMs !== undefined && { scheduleToCloseTimeout: deadlineMs }),
  });
}
