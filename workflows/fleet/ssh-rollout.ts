import { continueAsNew } from '@temporalio/workflow';
import { rolloutOptionProblems, rolloutProblems } from '../../contract';
import type { SshProgress, SshRollout, SshRolloutOptions } from '../../contract';
import { invalidOptions } from '../invalid-options';
import { lookUp } from '../runbook/select-hosts';
import { batchesOf, countOf, planOfRollout } from './fleet-plan';
import { FleetWorkflow } from './fleet-workflow';
import type { CarriedFleetRun, FleetPolicy } from './fleet-policy';

const DEFAULT_MAX_UNAVAILABLE = 10;

/**
 * The ready-made workflow `sshRollout`: the same steps on many hosts, batch by batch, a canary first. It needs `sshFleetBatch` on the same
 * task queue.
 *
 * Where no host at all succeeds it fails as well.
 *
 * With more failures than `maxFailures`, or one in the canary, no other host is begun, and what was done is rolled back unless `onBudgetExceeded` says
 * otherwise. People see it by the query `progress`, and take a hand in it by the updates `pause`, `resume`, `approve`, `abort`, `skipHost` and
 * `resolve`.
 *
 * @param carried - of the run before; not for callers
 * @returns the report
 * @throws `ApplicationFailure` of type `SshInvalidOptions` before anything is done; `SshCompensated` and `SshCompensationFailed`, whose details
 * are a {@link SshCompensationOutcome} of hosts and the report; `SshRunFailed`, whose `details[0]` is the report.
 */
export async function sshRollout(
  rollout: SshRollout,
  options: SshRolloutOptions = {},
  carried?: CarriedFleetRun
): Promise<SshProgress> {
  const problems = [...rolloutProblems(rollout), ...rolloutOptionProblems(options)];
  if (problems.length > 0) throw invalidOptions('sshRollout', '', problems);
  const plan = planOfRollout(rollout, options.gate ?? true);
  const policy = carried?.policy ?? (await policyOf(rollout, options));
  const again = async (next: CarriedFleetRun): Promise<never> =>
    continueAsNew<typeof sshRollout>(rollout, options, next);
  return new FleetWorkflow(plan, policy, again, carried).execute();
}

async function policyOf(rollout: SshRollout, options: SshRolloutOptions): Promise<FleetPolicy> {
  const done = new Set(options.done);
  const hosts = (await lookUp(rollout.hosts, rollout.name)).filter((host) => !done.has(host));
  const { maxUnavailable = DEFAULT_MAX_UNAVAILABLE, maxFailures = 0, pause } = rollout;
  const { onBudgetExceeded = 'rollback', approveCanary = false, canary = 1 } = rollout;
  return {
    batches: batchesOf(hosts, rollout),
    maxUnavailable: Math.max(1, countOf(maxUnavailable, hosts.length)),
    maxFailures: countOf(maxFailures, hosts.length),
    onBudgetExceeded,
    rollback: onBudgetExceeded !== 'stop',
    abortRollsBack: true,
    ...(canary !== 0 && { canaryMayFail: 0 }),
    approveCanary,
    ...(pause !== undefined && { pause }),
    dryRun: options.dryRun ?? false,
  };
}
