import type { Client, WorkflowHandle } from '@temporalio/client';
import { watchSshRun } from '../../client';
import type { SshRunOutcome } from '../../client';
import type { SshFleetHost, SshProgress } from '../../contract';
import type { Say } from '../demo/narrator';

/** Tells what happens on which host while it happens, and returns how the run ended. */
export async function followRun(client: Client, handle: WorkflowHandle, say: Say): Promise<SshRunOutcome> {
  let [batch, undoing] = [0, false];
  const told = new Map<string, string>();
  const onProgress = (run: SshProgress): void => {
    if (run.batch !== undefined && run.batch.total > 1 && run.batch.current !== batch && run.state === 'running') {
      batch = run.batch.current;
      say(`batch ${batch} of ${run.batch.total}`);
    }
    if (run.state === 'undoing' && !undoing) {
      undoing = true;
      const { type, message } = run.failure ?? {};
      say(type === undefined ? 'it is cancelled' : `it failed: ${type}: ${message?.slice(0, 80)}`);
    }
    for (const host of run.hosts ?? []) {
      const line = lineOf(host, undoing);
      if (line !== undefined && told.get(host.host) !== line) say(line);
      if (line !== undefined) told.set(host.host, line);
    }
  };
  // More often than people need it, so that little of it is missed.
  const outcome = await watchSshRun(client, handle.workflowId, { intervalMs: 250, onProgress });
  if (outcome.end === 'cancelled') throw new Error('Cancelled, and what was done is undone.');
  return outcome;
}

function lineOf({ host, state, step, type }: SshFleetHost, undoing: boolean): string | undefined {
  if (state !== 'running')
    return `   ${host}  ${state}${type === undefined ? '' : `: ${step ?? ''} failed with ${type}`}`;
  // Not yet at its first step.
  return step === undefined ? undefined : `   ${host}  ${undoing ? 'roll back: ' : ''}${step}`;
}
