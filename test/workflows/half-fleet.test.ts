import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { SSH_GATE_GRANTED, sshFailureOf } from '../../contract';
import type {
  SshCompensationOutcome,
  SshGateRequestInput,
  SshMaintenance,
  SshProgress,
  SshRollout,
} from '../../contract';
import { eventsOf, noTemporal, outcomeOf, useGround } from '../e2e/ground';
import { until } from '../worker/processes';
import { ROLLOUT } from './a-rollout';
import { runbook } from './a-runbook';
import { fakeFleet, hang } from './fake-fleet';
import { detailsOf, on, runFleet, update } from './run-fleet';

const MAINTENANCE: SshMaintenance = {
  name: 'nightly',
  hosts: ['web-1', 'web-2'],
  drain: [{ name: 'drain', exec: 'drain' }],
  job: [{ name: 'work', exec: 'work', undo: { exec: 'unwork' } }],
  restore: [{ name: 'restore', exec: 'restore' }],
};

void describe('fleets that end half way', { skip: noTemporal, timeout: 240_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  void test('hosts that the window kept from being begun are no success', async () => {
    const fleet = fakeFleet(async (command, host) => {
      // The last step of the first host outlasts the window.
      if (command === 'restore' && host === 'web-1') await new Promise((resolve) => setTimeout(resolve, 4_000));
      return 0;
    });
    const window = { notAfter: '3s' } as const;
    const outcome = await runFleet(ground, fleet, 'sshMaintenance', { ...MAINTENANCE, window });
    assert.equal(sshFailureOf(outcome.failure?.error.cause)?.type, 'SshWindowClosed', JSON.stringify(outcome.result));
    assert.match(outcome.failure?.message ?? '', /1 hosts were not touched: web-2/);
    assert.deepEqual(on(fleet, 'web-2'), []);
  });

  void test('a rollback that somebody stops or shortens is not told as complete', async () => {
    for (const how of ['cancel', 'skip'] as const) {
      let back = false;
      const fleet = fakeFleet((command, host) => {
        if (command === 'change' && host === 'web-3') return 1;
        // The first host that is rolled back waits for the hand.
        if (command === 'unchange' && host === 'web-2' && !back) return until('the hand is done', () => back);
        return 0;
      });
      const { client } = ground.temporal;
      const sshGateRequest = async ({ name, request: { requestId, holder } }: SshGateRequestInput): Promise<void> =>
        client.workflow
          .getHandle(holder.workflowId)
          .signal(SSH_GATE_GRANTED, { name, requestId, expiresAt: new Date().toISOString() });
      const activities = { ...fleet.activities, sshGateRequest };
      const outcome = await ground.withWorker({ activities }, async (queue) => {
        const options = { gate: how === 'cancel' };
        const handle = await ground.start('sshRollout', queue, [{ ...ROLLOUT, maxUnavailable: 1 }, options]);
        await until('it rolls back', () => fleet.ran.includes('web-2: unchange'));
        const { child } = await handle.query<SshProgress>('progress');
        const batch = client.workflow.getHandle(child ?? '');
        if (how === 'cancel') await batch.cancel();
        else await update(batch, 'skipHost', { host: 'web-1' }).catch(() => undefined);
        back = true;
        return outcomeOf(handle);
      });
      assert.equal(outcome.failure?.type, 'SshCompensated', how);
      const [{ undone }] = detailsOf(outcome) as [SshCompensationOutcome];
      assert.deepEqual([...undone].sort(), ['web-1', 'web-2', 'web-3'], how);
      assert.deepEqual(on(fleet, 'web-1').slice(-3), ['drain', 'unchange', 'restore'], how);
    }
  });

  void test('a rollback undoes all that it can, and tells of a drain that it cannot undo', async () => {
    const two: SshRollout = {
      ...ROLLOUT,
      drain: [{ name: 'drain', exec: 'drain', undo: { exec: 'undrain' } }],
      change: [
        { name: 'one', exec: 'one', undo: { exec: 'un-one' } },
        { name: 'two', exec: 'two', undo: { exec: 'un-two' } },
      ],
      restore: [],
      hosts: ['web-1', 'web-2'],
    };
    for (const broken of ['un-two', 'undrain']) {
      const fleet = fakeFleet((command, host) => {
        if (host === 'web-2') return command === 'one' ? 1 : 0;
        return command === broken ? 1 : 0;
      });
      const { restore: _none, ...plain } = two;
      const outcome = await runFleet(ground, fleet, 'sshRollout', plain);
      assert.equal(outcome.failure?.type, 'SshCompensationFailed', broken);
      const [{ notUndone }] = detailsOf(outcome) as [SshCompensationOutcome];
      assert.deepEqual(
        notUndone.map(({ name }) => name),
        ['web-1']
      );
      assert.deepEqual(on(fleet, 'web-1').slice(-4), ['drain', 'un-two', 'un-one', 'undrain'], broken);
    }
  });

  void test('conditions of a fleet see exit codes of steps that failed, and that a sleep is over', async () => {
    const fleet = fakeFleet((command) => (command === 'probe' ? 3 : 0));
    const change = [
      { name: 'probe', exec: 'probe', onFailure: 'continue' },
      { name: 'wait', sleep: 1 },
      { name: 'install', exec: 'install', when: { step: 'probe', state: 'failed', exitCode: 3 } },
      { name: 'after', exec: 'after', when: { step: 'wait', state: 'succeeded' } },
    ];
    await runFleet(ground, fleet, 'sshRollout', { name: 'r', hosts: ['web-1'], change });
    assert.deepEqual(on(fleet, 'web-1'), ['probe', 'install', 'after']);
  });

  void test('a cancelled or aborted maintenance, or rollout that only stops, undoes the host under way', async () => {
    for (const [workflow, definition, command] of [
      ['sshMaintenance', MAINTENANCE, 'work'],
      ['sshRollout', { ...ROLLOUT, onBudgetExceeded: 'stop' }, 'change'],
    ] as const) {
      for (const how of ['cancel', 'abort'] as const) {
        const fleet = fakeFleet((each) => (each === command ? hang() : 0));
        await runFleet(ground, fleet, workflow, definition, {}, async (handle) => {
          await until('it works', () => fleet.ran.includes(`web-1: ${command}`));
          if (how === 'cancel') await handle.cancel();
          else await update(handle, 'abort', {});
        });
        assert.deepEqual(on(fleet, 'web-1'), ['drain', command, `un${command}`, 'restore'], `${workflow} ${how}`);
      }
    }
  });

  void test('a dry run that is cancelled has not succeeded', async () => {
    const fleet = fakeFleet((command) => (command === 'check' ? hang() : 0));
    const { error } = await runFleet(ground, fleet, 'sshRollout', ROLLOUT, { dryRun: true }, async (handle) => {
      await until('it looks', () => fleet.ran.length > 0);
      await handle.cancel();
    });
    assert.ok(error instanceof CancelledFailure, String(error));
  });

  void test('a host that is to be left out may be in the batch under way', async () => {
    let free = false;
    const fleet = fakeFleet((command) => (command === 'drain' && !free ? until('skipped', () => free) : 0));
    const all = { ...ROLLOUT, canary: 0, batch: '100%', maxUnavailable: 1 };
    const { result } = await runFleet(ground, fleet, 'sshRollout', all, {}, async (handle) => {
      await until('it works', () => fleet.ran.length > 0);
      await update(handle, 'skipHost', { host: 'web-3' });
      free = true;
    });
    assert.deepEqual((result as SshProgress).counts?.skipped, 1);
    assert.deepEqual(on(fleet, 'web-3'), []);
  });

  void test('a rollback asks nobody', async () => {
    const fleet = fakeFleet((command, host) => {
      if (command === 'change' && host === 'web-2') return 1;
      const drained = fleet.ran.filter((each) => each === 'web-1: drain').length;
      return command === 'drain' && host === 'web-1' && drained === 2 ? 1 : 0;
    });
    const asked = { ...ROLLOUT, drain: [{ name: 'drain', exec: 'drain', onFailure: 'ask' }] };
    const outcome = await runFleet(ground, fleet, 'sshRollout', asked);
    assert.equal(outcome.failure?.type, 'SshCompensationFailed', String(outcome.error));
  });

  void test('the id of a child workflow that is taken: its hosts wait, and are not told as failed', async () => {
    const fleet = fakeFleet();
    await ground.withWorker({ activities: fleet.activities }, async (queue) => {
      const { client } = ground.temporal;
      const workflowId = `taken-${queue}`;
      const options = { taskQueue: queue, workflowExecutionTimeout: 60_000 };
      const never = await client.workflow.start('sshRunbook', {
        ...options,
        workflowId: `${workflowId}.1`,
        args: [runbook([{ name: 'wait', sleep: '1h' }]), { gate: false }],
      });
      const args = [ROLLOUT, { gate: false }];
      const handle = await client.workflow.start('sshRollout', { ...options, workflowId, args });
      await until('the child could not be started', async () =>
        (await eventsOf(handle)).some((event) => event.startChildWorkflowExecutionFailedEventAttributes)
      );
      await never.terminate();
      assert.deepEqual(((await handle.result()) as SshProgress).counts?.succeeded, 3);
    });
  });
});
