import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { SshProgress } from '../../contract';
import { outcomeOf } from '../e2e/ground';
import type { Ground, Outcome } from '../e2e/ground';
import type { FakeFleet } from './fake-fleet';

/** What somebody does while a run goes on. */
export type Hand = (handle: WorkflowHandle, progress: () => Promise<SshProgress>) => Promise<void>;

/** Runs a ready-made workflow over hosts that do what a test says, without their gates. */
export async function runFleet(
  ground: Ground,
  { activities }: FakeFleet,
  workflow: 'sshRunbook' | 'sshRollout' | 'sshMaintenance',
  definition: object,
  options: object = {},
  hand: Hand = async () => undefined
): Promise<Outcome> {
  return ground.withWorker({ activities, maxHeartbeatThrottleInterval: 50 }, async (queue) => {
    const handle = await ground.start(workflow, queue, [definition, { gate: false, ...options }]);
    await hand(handle, () => handle.query<SshProgress>('progress'));
    return outcomeOf(handle);
  });
}

/** Gives an order, by somebody who says why. */
export async function update(handle: WorkflowHandle, name: string, input: object): Promise<SshProgress> {
  return handle.executeUpdate<SshProgress, [object]>(name, { args: [{ by: 'ann', reason: 'a test', ...input }] });
}

/** What ran on a host, in its order. */
export function on({ ran }: FakeFleet, host: string): readonly string[] {
  return ran.filter((each) => each.startsWith(`${host}: `)).map((each) => each.slice(host.length + 2));
}

/** The details of a workflow's failure. */
export function detailsOf({ error }: Outcome): readonly unknown[] {
  assert.ok(error instanceof ApplicationFailure, String(error));
  return error.details ?? [];
}
