import type { SshProgress, SshRunState } from '../../contract';
import { controlReport } from '../control/control-report';
import type { RunControl } from '../control/run-control';
import type { FleetPlan } from './fleet-plan';
import type { FleetPolicy } from './fleet-policy';
import type { FleetRun } from './fleet-run';
import type { FleetState } from './fleet-state';
import type { FleetWaits } from './fleet-waits';

/** What the progress of a fleet is made of. */
export interface FleetProgressParts {
  readonly plan: FleetPlan;
  readonly policy: FleetPolicy;
  readonly state: FleetState;
  readonly control: RunControl;
  readonly fleet: FleetRun;
  readonly waits: FleetWaits;
  readonly now: SshRunState;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly batchesLeft: number;
  readonly failure?: NonNullable<SshProgress['failure']>;
}

/** What a rollout or a maintenance tells of itself. */
export function fleetProgress(parts: FleetProgressParts): SshProgress {
  const { plan, policy, state, control, fleet, now, startedAt, endedAt, batchesLeft, failure } = parts;
  const total = policy.batches.length;
  const child = fleet.childId;
  const { waitingFor } = parts.waits;
  return {
    kind: plan.kind,
    name: plan.name,
    ...controlReport(control, now),
    startedAt,
    ...(endedAt !== undefined && { endedAt, done: state.succeeded }),
    ...(policy.dryRun && { dryRun: true }),
    steps: [],
    counts: state.counts(fleet.working),
    hosts: state.report(),
    ...(total > 0 && { batch: { current: Math.min(total, total - batchesLeft + 1), total } }),
    ...(child !== undefined && { child }),
    ...(waitingFor && { waitingFor }),
    ...(failure && { failure }),
  };
}
