import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { sshFailureOf } from '../../client';
import type { SshFailure } from '../../client';
import type { SshCompensationOutcome, SshFleetHost, SshProgress } from '../../contract';
import type { Say } from '../demo/narrator';

const POLL_MS = 250;

/** How a rollout or a maintenance ended. */
export interface FleetEnd {
  readonly report: SshProgress | undefined;
  /** Of one that failed and was rolled back. */
  readonly outcome: SshCompensationOutcome | undefined;
  readonly failure: SshFailure | undefined;
}

/** Tells what happens on which host while it happens, by the query `progress`, and returns how it ended. */
export async function followRun(client: Client, handle: WorkflowHandle, say: Say): Promise<FleetEnd> {
  const over = new AbortController();
  const told = narrate(client, handle, say, over.signal);
  try {
    return { report: (await handle.result()) as SshProgress, outcome: undefined, failure: undefined };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const details = error.cause instanceof ApplicationFailure ? (error.cause.details ?? []) : [];
    const failure = sshFailureOf(error);
    if (failure === undefined) throw error.cause ?? error;
    const [outcome, report] = failure.type === 'SshRunFailed' ? [undefined, details[0]] : details;
    return {
      report: report as SshProgress | undefined,
      outcome: outcome as SshCompensationOutcome | undefined,
      failure,
    };
  } finally {
    over.abort();
    await told;
  }
}

async function narrate(client: Client, handle: WorkflowHandle, say: Say, over: AbortSignal): Promise<void> {
  let [batch, undoing] = [0, false];
  const told = new Map<string, string>();
  while (!over.aborted) {
    const run = await progressOf(handle);
    if (run?.batch !== undefined && run.batch.total > 1 && run.batch.current !== batch && run.state === 'running') {
      batch = run.batch.current;
      say(`batch ${batch} of ${run.batch.total}`);
    }
    if (run?.state === 'undoing' && !undoing) {
      undoing = true;
      const { type, message } = run.failure ?? {};
      say(type === undefined ? 'it is cancelled' : `it failed: ${type}: ${message?.slice(0, 80)}`);
    }
    const part = run?.child === undefined ? undefined : await progressOf(client.workflow.getHandle(run.child));
    for (const host of part?.hosts ?? []) {
      const line = lineOf(host, undoing);
      if (told.get(host.host) !== line) say(line);
      told.set(host.host, line);
    }
    await delay(POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

function lineOf({ host, state, step, type }: SshFleetHost, undoing: boolean): string {
  if (state === 'running') return `   ${host}  ${undoing ? 'roll back: ' : ''}${step ?? ''}`;
  return `   ${host}  ${state}${type === undefined ? '' : `: ${step ?? ''} failed with ${type}`}`;
}

async function progressOf(handle: WorkflowHandle): Promise<SshProgress | undefined> {
  // Between two parts the child is over, or not yet there.
  return handle.query<SshProgress>('progress').catch(() => undefined);
}
