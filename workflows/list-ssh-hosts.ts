import { ActivityCancellationType, scheduleActivity } from '@temporalio/workflow';
import { listHostsProblems, parseDuration } from '../contract';
import type { SshListHostsInput, SshListHostsOptions, SshListHostsResult, SshListedHost } from '../contract';
import { jobRetryPolicy } from './exec-activity-options';
import { sizeProblems } from './input-size';
import { invalidOptions, requireObject } from './invalid-options';
import { stepProblems } from './step-problems';

const START_TO_CLOSE_MS = 5 * 60_000;
const OPTIONS: readonly string[] = ['retry', 'deadline', 'taskQueue', 'summary'];

/**
 * Lists the hosts that the workers of a task queue have in their hosts file, by labels and names, in one activity,
 * `sshListHosts`. It touches no host. The list may be empty.
 *
 * @returns the hosts by name in natural order; with their labels if they are no more than 1,000.
 * @throws `ApplicationFailure` of type `SshInvalidOptions`, at once, for bad options.
 * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types: `SshUnknownHost` for a name without
 * `*` that is no host's, `SshConfigUnsupported` where a function looks the hosts up, which cannot list them.
 */
export async function listSshHosts(
  selector: SshListHostsInput = {},
  options: SshListHostsOptions = {}
): Promise<readonly SshListedHost[]> {
  requireObject('listSshHosts', 'selector', '', selector);
  requireObject('listSshHosts', 'options', '', options);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const unknown = Object.keys(given)
    .filter((option) => !OPTIONS.includes(option))
    .map((option) => ({ option, expected: `one of ${OPTIONS.join(', ')}`, found: 'an unknown option' }));
  const problems = [...listHostsProblems(selector), ...unknown, ...stepProblems(given)];
  if (problems.length === 0) problems.push(...sizeProblems(selector));
  if (problems.length > 0) throw invalidOptions('listSshHosts', '', problems);
  const { retry, deadline, taskQueue, summary = 'list hosts' } = options;
  const deadlineMs = parseDuration(deadline);
  const { hosts } = await scheduleActivity<SshListHostsResult>('sshListHosts', [selector], {
    startToCloseTimeout: START_TO_CLOSE_MS,
    ...(deadlineMs !== undefined && { scheduleToCloseTimeout: deadlineMs }),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: jobRetryPolicy(retry),
    ...(taskQueue !== undefined && { taskQueue }),
    summary: summary.slice(0, 200),
  });
  return hosts;
}
