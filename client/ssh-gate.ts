import type { Client } from '@temporalio/client';
import { SSH_GATE_EVICT, SSH_GATE_STATE, sshGateWorkflowId } from '../contract';
import type { SshGateEvictInput, SshGateState } from '../contract';

/**
 * Who holds a gate and who waits for it. A worker that serves the gate has to run.
 *
 * @returns `undefined` where the gate does not run: then nobody holds and nobody waits.
 */
export async function sshGateState(client: Client, name: string): Promise<SshGateState | undefined> {
  const handle = client.workflow.getHandle(sshGateWorkflowId(name));
  try {
    const { status } = await handle.describe();
    return status.name === 'RUNNING' ? await handle.query<SshGateState>(SSH_GATE_STATE) : undefined;
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}

/**
 * Takes a lease, or a request that waits, away; the gate keeps on record who did it, and why. The holder's block is
 * cancelled and fails as `SshGateLost`; the next one is let in when it has stopped, or after its `grace`. Taking the same
 * lease away once more lets the next one in at once.
 *
 * @returns the state of the gate after it.
 * @throws `WorkflowUpdateFailedError` whose cause is `SshInvalidOptions` for a request that neither holds nor waits;
 * `WorkflowNotFoundError` where the gate does not run.
 */
export async function evictFromSshGate(client: Client, name: string, evict: SshGateEvictInput): Promise<SshGateState> {
  return client.workflow
    .getHandle(sshGateWorkflowId(name))
    .executeUpdate<SshGateState, [SshGateEvictInput]>(SSH_GATE_EVICT, { args: [evict] });
}
