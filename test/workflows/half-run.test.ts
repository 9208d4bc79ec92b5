import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { SSH_GATE_GRANTED, SSH_GATE_LOST, sshFailureOf } from '../../contract';
import type { SshCompensationOutcome, SshGateRequestInput, SshProgress } from '../../contract';
import { noTemporal, outcomeOf, useGround } from '../e2e/ground';
import { until } from '../worker/processes';
import { ROLLOUT } from './a-rollout';
import { STOP, runbook } from './a-runbook';
import { fakeFleet, hang, sshFailure } from './fake-fleet';
import { detailsOf, on, runFleet, update } from './run-fleet';

void describe('runs that end half way', { skip: noTemporal, timeout: 240_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  void test('what was carried is undone, though the gates of the next run are still waited for', async () => {
    const carried = {
      startedAt: new Date(0).toISOString(),
      next: 1,
      records: [
        { name: 'stop', kind: 'exec', state: 'succeeded', hosts: [{ host: 'web-1', state: 'succeeded' }] },
        { name: 'go', kind: 'exec', state: 'pending', hosts: [] },
      ],
      undo: [{ name: 'stop', host: 'web-1', command: 'start', options: {} }],
      control: { decisions: [], paused: false, skippedHosts: [] },
      hosts: [['web-1'], ['web-1']],
    };
    for (const how of ['cancel', 'abort'] as const) {
      const fleet = fakeFleet();
      let asked = 0;
      const activities = { ...fleet.activities, sshGateRequest: async () => void (asked += 1) };
      const { error } = await ground.withWorker({ activities }, async (queue) => {
        const steps = [STOP, { name: 'go', exec: 'go' }];
        const handle = await ground.start('sshRunbook', queue, [runbook(steps), {}, carried]);
        await until('it asks for the gate', () => asked > 0);
        const progress = await handle.query<SshProgress>('progress');
        assert.equal(progress.steps[0]?.state, 'succeeded');
        if (how === 'cancel') await handle.cancel();
        else await update(handle, 'abort', {});
        return outcomeOf(handle);
      });
      if (how === 'cancel') assert.ok(error instanceof CancelledFailure, String(error));
      else assert.equal(sshFailureOf(error)?.type, 'SshCompensated');
      assert.deepEqual(fleet.ran, ['web-1: start'], how);
    }
  });

  void test('an abort that comes while the last step ends is no success', async () => {
    // What ignores its cancellation ends as if nothing was.
    let free = (): void => undefined;
    const freed = new Promise<void>((resolve) => (free = resolve));
    const fleet = fakeFleet((command) => (command === 'last' ? freed : 0));
    const steps = [STOP, { name: 'last', exec: 'last' }];
    const outcome = await runFleet(ground, fleet, 'sshRunbook', runbook(steps), {}, async (handle) => {
      await until('the last step runs', () => fleet.ran.includes('web-1: last'));
      await update(handle, 'abort', {});
      free();
    });
    assert.equal(outcome.failure?.type, 'SshCompensated', JSON.stringify(outcome.result));
    assert.deepEqual(fleet.ran, ['web-1: stop', 'web-1: last', 'web-1: start']);
  });

  void test('abort without undo leaves all, whatever the step that it ends fails with', async () => {
    const fleet = fakeFleet(async (command) => {
      if (command !== 'last') return 0;
      await hang().catch(() => undefined);
      throw sshFailure('SshJobCancelIncomplete', 'something is left');
    });
    const steps = [STOP, { name: 'last', job: 'last' }];
    const outcome = await runFleet(ground, fleet, 'sshRunbook', runbook(steps), {}, async (handle) => {
      await until('the last step runs', () => fleet.ran.includes('web-1: last'));
      await update(handle, 'abort', { undo: false });
    });
    assert.equal(outcome.failure?.type, 'SshRunFailed');
    assert.deepEqual(fleet.ran, ['web-1: stop', 'web-1: last']);
  });

  void test('a gate that is lost: what was undone is told, and where not, too', async () => {
    for (const [workflow, definition, broken, type] of [
      ['sshRunbook', runbook([STOP, { name: 'last', exec: 'last' }]), false, 'SshCompensated'],
      ['sshRunbook', runbook([STOP, { name: 'last', exec: 'last' }]), true, 'SshCompensationFailed'],
      ['sshRollout', { ...ROLLOUT, hosts: ['web-1'] }, false, 'SshCompensated'],
      ['sshRollout', { ...ROLLOUT, hosts: ['web-1'] }, true, 'SshCompensationFailed'],
    ] as const) {
      const { client } = ground.temporal;
      let lose = async (): Promise<void> => undefined;
      const fleet = fakeFleet(async (command) => {
        if (command === 'last' || command === 'check') {
          await lose();
          return hang();
        }
        return broken && ['start', 'unchange'].includes(command) ? 1 : 0;
      });
      const sshGateRequest = async ({ name, request: { requestId, holder } }: SshGateRequestInput): Promise<void> => {
        const handle = client.workflow.getHandle(holder.workflowId);
        lose = async () => handle.signal(SSH_GATE_LOST, { requestId, reason: 'ann took it away' });
        await handle.signal(SSH_GATE_GRANTED, { name, requestId, expiresAt: new Date().toISOString() });
      };
      const activities = { ...fleet.activities, sshGateRequest };
      const outcome = await ground.withWorker({ activities, maxHeartbeatThrottleInterval: 50 }, async (queue) =>
        outcomeOf(await ground.start(workflow, queue, [definition, {}]))
      );
      assert.equal(outcome.failure?.type, type, workflow);
      const [compensation, report] = detailsOf(outcome) as [SshCompensationOutcome, SshProgress];
      assert.match(JSON.stringify([compensation, outcome.failure.message]), /ann took it away/);
      assert.equal(report.state, 'failed');
      assert.equal(compensation.notUndone.length, broken ? 1 : 0);
      const end = workflow === 'sshRunbook' ? ['start'] : broken ? ['unchange'] : ['unchange', 'restore'];
      assert.deepEqual(on(fleet, 'web-1').slice(-end.length), end);
    }
  });

  void test('a runbook for more hosts than one history has room for is refused', async () => {
    const hosts = Array.from({ length: 1_001 }, (_, index) => `h-${index}`);
    const outcome = await runFleet(ground, fakeFleet(), 'sshRunbook', runbook([STOP], { hosts }));
    assert.equal(outcome.failure?.type, 'SshInvalidOptions');
    assert.match(outcome.failure.message, /found 1001 hosts/);
  });
});
