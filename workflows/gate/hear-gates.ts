import { HandlerUnfinishedPolicy } from '@temporalio/common';
import { CancellationScope, getExternalWorkflowHandle, log, setHandler, workflowInfo } from '@temporalio/workflow';
import { sshGateWorkflowId } from '../../contract';
import { invalidOptions } from '../invalid-options';
import { gateGrantedSignal, gateLostSignal, gateReleaseSignal } from './gate-signals';

/** Who waits for what a gate says about one request. */
export interface GateListener {
  readonly name: string;
  readonly requestId: string;
  granted(expiresAt: string): void;
  taken(reason: string): void;
}

// A module of a workflow bundle is loaded once for each workflow execution, so that these are of one.
const listeners = new Map<string, GateListener>();
let hearing = false;
let count = 0;

/**
 * The id of the next request of this workflow. It has the run id of the run's first event: a run that was reset asks with the
 * ids of the one before, and so takes over what that one held.
 *
 * @param keep - the id is that of the whole chain of runs.
 */
export function nextGateRequestId(name: string, keep: boolean): string {
  const { firstExecutionRunId, originalExecutionRunId } = workflowInfo();
  if (keep) return `${firstExecutionRunId}.kept.${name}`;
  count += 1;
  return `${originalExecutionRunId}.${count}`;
}

/**
 * Listens to what gates say about this request.
 *
 * @throws `ApplicationFailure` of type `SshInvalidOptions` for a second request for a lease that is kept.
 */
export function hearGates(listener: GateListener): void {
  const { name, requestId } = listener;
  if (listeners.has(requestId)) {
    const problem = { option: 'keepOnContinueAsNew', expected: 'one such block at a time', found: 'another' };
    throw invalidOptions(`withHost ${name}`, name, [problem]);
  }
  listeners.set(requestId, listener);
  if (hearing) return;
  hearing = true;
  setHandler(
    gateGrantedSignal,
    async (grant) => {
      const asked = listeners.get(grant.requestId);
      if (asked) asked.granted(grant.expiresAt);
      // Of a request that was withdrawn before it reached its gate.
      else await giveBack(grant.name, grant.requestId);
    },
    { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON }
  );
  setHandler(gateLostSignal, ({ requestId: lost, reason }) => listeners.get(lost)?.taken(reason));
}

/** Ends {@link hearGates}. */
export function forgetGate({ requestId }: GateListener): void {
  listeners.delete(requestId);
}

/** Tells a gate that a lease or a request is over. A gate that is not there has nothing to take back. */
export async function giveBack(name: string, requestId: string): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(sshGateWorkflowId(name)).signal(gateReleaseSignal, { requestId })
  ).catch((error: unknown) => log.warn('the gate is gone', { gate: name, reason: String(error) }));
}
