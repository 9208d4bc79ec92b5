import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { maintenanceProblems, runbookOptionProblems } from '../../contract';
import type { SshMaintenance, SshMaintenanceOptions, SshProgress } from '../../contract';
import { invalidOptions } from '../invalid-options';
import { lookUp } from '../runbook/select-hosts';
import { momentOf, planOfMaintenance } from './fleet-plan';
import { FleetWorkflow } from './fleet-workflow';
import type { CarriedFleetRun, FleetPolicy } from './fleet-policy';

/**
 * The ready-made workflow `sshMaintenance`: on each host drain, work, reboot if asked, verify, restore. It needs `sshFleetBatch` on the same
 * task queue.
 *
 * A host is restored whatever happened, also after a cancellation. Hosts that are done stay as they are when others fail. Where no host at all succeeds
 * it fails. After the end of its window nothing is begun. Waiting for a host that reboots holds no slot. People see it by the query `progress`, and take a hand in it by the
 * updates `pause`, `resume`, `abort`, `skipHost` and `resolve`.
 *
 * @param carried - of the run before; not for callers
 * @returns the report
 * @throws `ApplicationFailure` of type `SshInvalidOptions` before anything is done; `SshRunFailed`, whose `details[0]` is the report and whose
 * cause is `SshTooManyFailures`, `SshWindowClosed` or `SshRunAborted`.
 */
export async function sshMaintenance(
  maintenance: SshMaintenance,
  options: SshMaintenanceOptions = {},
  carried?: CarriedFleetRun
): Promise<SshProgress> {
  const problems = [...maintenanceProblems(maintenance), ...runbookOptionProblems(options)];
  if (problems.length > 0) throw invalidOptions('sshMaintenance', '', problems);
  const startMs = carried ? Date.parse(carried.startedAt) : workflowInfo().startTime.getTime();
  const plan = planOfMaintenance(maintenance, options.gate ?? true, startMs);
  const policy = carried?.policy ?? (await policyOf(maintenance, options, startMs));
  const again = async (next: CarriedFleetRun): Promise<never> =>
    continueAsNew<typeof sshMaintenance>(maintenance, options, next);
  return new FleetWorkflow(plan, policy, again, carried).execute();
}

async function policyOf(
  { name, hosts: selection, window, atOnce = 1, maxFailures = 0 }: SshMaintenance,
  { dryRun = false }: SshMaintenanceOptions,
  startMs: number
): Promise<FleetPolicy> {
  const hosts = await lookUp(selection, name);
  const notBefore = momentOf(window?.notBefore, startMs);
  return {
    batches: [hosts],
    maxUnavailable: atOnce,
    maxFailures,
    onBudgetExceeded: 'stop',
    rollback: false,
    approveCanary: false,
    ...(notBefore !== undefined && { notBefore }),
    dryRun,
  };
}
