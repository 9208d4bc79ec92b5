import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { SshGateHolder, SshGateHoldersInput, SshGateHoldersResult } from '../contract';
import { gateClient } from './gate-client';

/** The activity `sshGateHolders`. */
export type SshGateHolders = (input: SshGateHoldersInput) => Promise<SshGateHoldersResult>;

/** These have ended by themselves. A run that follows, by a retry or a schedule, holds nothing of theirs. */
const ENDED: readonly string[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT'];
/** To continue as new ends a run, a reset terminates it: the lease may live on in the chain. */
const FOLLOWED: readonly string[] = ['CONTINUED_AS_NEW', 'TERMINATED'];

/**
 * The activity `sshGateHolders`: which of the workflows that hold or want leases are gone.
 *
 * A holder is gone if its run has ended, except by a continue-as-new or a reset whose chain still runs: then the run that
 * follows may hold the lease. What is not known to have ended is there.
 *
 * @throws `ApplicationFailure` of type `SshGateUnavailable` where the worker has no client.
 */
export async function sshGateHolders({ holders }: SshGateHoldersInput): Promise<SshGateHoldersResult> {
  const client = gateClient(Context.current(), 'sshGateHolders');
  const gone: SshGateHolder[] = [];
  for (const holder of holders) {
    if (await isGone(client, holder)) gone.push(holder);
  }
  return { gone };
}

type GateClient = ReturnType<typeof gateClient>;

async function isGone(client: GateClient, { workflowId, runId, firstRunId }: SshGateHolder): Promise<boolean> {
  const run = await describe(client, workflowId, runId);
  if (run === undefined || ENDED.includes(run.status)) return true;
  if (!FOLLOWED.includes(run.status)) return false;
  const latest = await describe(client, workflowId);
  if (latest === undefined || latest.runId === runId) return true;
  if (ENDED.includes(latest.status) || latest.status === 'TERMINATED') return true;
  return latest.firstRunId !== undefined && latest.firstRunId !== firstRunId;
}

interface Run {
  readonly status: string;
  readonly runId: string;
  /** Unknown to old servers. */
  readonly firstRunId: string | undefined;
}

async function describe(client: GateClient, workflowId: string, runId?: string): Promise<Run | undefined> {
  try {
    const { status, runId: found, raw } = await client.workflow.getHandle(workflowId, runId).describe();
    return { status: status.name, runId: found, firstRunId: raw.workflowExecutionInfo?.firstRunId || undefined };
  } catch (error) {
    // By its name too: there may be two copies of the package.
    if (error instanceof WorkflowNotFoundError || (error as Error).name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
