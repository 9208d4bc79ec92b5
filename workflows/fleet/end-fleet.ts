import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { SshCompensationOutcome, SshProgress } from '../../contract';
import { compensationFailure } from '../compensating';
import type { RunControl } from '../control/run-control';
import { failureText, mayHaveRun } from '../failure-text';
import { sentence } from '../joined-text';
import { StepFailed } from '../runbook/step-failed';
import type { FleetPlan } from './fleet-plan';
import type { FleetRun } from './fleet-run';
import type { FleetHostResult } from './host-run';
import type { FleetState } from './fleet-state';
import type { FleetPolicy } from './fleet-policy';

// Of all hosts together: the failure has to fit into a payload beside their names.
const MAX_MESSAGES = 300_000;

/** A rollout or a maintenance that has failed or was cancelled. */
export interface FailedFleet {
  readonly plan: FleetPlan;
  readonly policy: FleetPolicy;
  readonly state: FleetState;
  readonly fleet: FleetRun;
  readonly control: RunControl;
  readonly onChange: () => void;
  readonly report: () => SshProgress;
}

/**
 * Rolls back the hosts that are done, the last ones first, unless it was decided that all stays as it is.
 *
 * @returns what the workflow is to throw: the cancellation; `SshCompensated` or `SshCompensationFailed` whose details are the outcome, with
 * hosts for steps, and the report; else `SshRunFailed` with the report
 */
export async function endFleet(error: unknown, run: FailedFleet): Promise<unknown> {
  const { plan, policy, state, control, report } = run;
  const began: unknown = StepFailed.cause(error);
  const stays = control.stays(error instanceof StepFailed && error.then === 'stop');
  // Of the whole or of a child workflow; there is no abort that something came after.
  const undoAsked = control.decisions.some(({ update, decision }) => update === 'abort' && decision === 'undo');
  const rollsBack = (policy.rollback || (policy.abortRollsBack === true && undoAsked)) && !stays && !policy.dryRun;
  if (rollsBack) await CancellationScope.nonCancellable(() => rollBack(run));
  const undone = state.failed.filter((each) => each.state === 'undone').map(({ host }) => host);
  const failed = state.failed.filter((each) => each.state === 'failed');
  if (rollsBack && undone.length + failed.length > 0) {
    const outcome: SshCompensationOutcome = {
      failure: { ...failureText(began), mayHaveRun: mayHaveRun(began) },
      registered: state.failed.map(({ host }) => host),
      undone,
      notUndone: failed.map(({ host: name, type = '', message = '' }) => ({
        name,
        type,
        message: message.slice(0, Math.floor(MAX_MESSAGES / failed.length)),
      })),
    };
    return compensationFailure(began, outcome, [report()]);
  }
  if (isCancellation(error)) {
    report();
    return error;
  }
  const { type, message } = failureText(began);
  return ApplicationFailure.create({
    type: 'SshRunFailed',
    message: policy.dryRun
      ? `dry run of ${plan.kind} ${plan.name}: ${message}`
      : `${plan.kind} ${plan.name} failed. ${sentence(`${type}: ${message}`)} ${summary(state, failed.length, undone.length)}`,
    nonRetryable: true,
    details: [report()],
    ...(began instanceof Error && { cause: began }),
  });
}

function summary({ succeeded, total }: FleetState, failed: number, undone: number): string {
  const parts = [
    `${succeeded.length} of ${total} hosts are done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(undone > 0 ? [`${undone} failed and are as they were before`] : []),
  ];
  return `${parts.join(', ')}.`;
}

async function rollBack({ state, fleet, policy, onChange }: FailedFleet): Promise<void> {
  const hosts = [...state.succeeded].reverse();
  for (let at = 0; at < hosts.length; at += fleet.partSize) {
    const part = hosts.slice(at, at + fleet.partSize);
    const { maxUnavailable } = policy;
    const { results } = await fleet.part(part, { mode: 'rollback', maxUnavailable, maxFailures: part.length });
    const told = new Map(results.map((result) => [result.host, result]));
    state.rolledBack(part.map((host) => asRolledBack(host, told.get(host))));
    onChange();
  }
}

/** A host of which nothing was told, or that nothing was done on, is not as it was before. */
function asRolledBack(host: string, result: FleetHostResult | undefined): FleetHostResult {
  if (result?.state === 'undone' || result?.state === 'failed') return result;
  const why = result?.message ?? 'the workflow that had this host did not come to it';
  return { host, state: 'failed', available: true, type: 'SshRunFailed', message: `not rolled back: ${why}` };
}
