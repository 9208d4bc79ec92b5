import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sshFailureOf } from '../../contract';
import type { SshCompensationOutcome, SshProgress, SshRollout } from '../../contract';
import { noTemporal, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';
import { until } from '../worker/processes';
import { ROLLOUT } from './a-rollout';
import { fakeFleet, hang, sshFailure } from './fake-fleet';
import type { FakeFleet } from './fake-fleet';
import { detailsOf, on, runFleet, update } from './run-fleet';
import type { Hand } from './run-fleet';

const EACH = ['drain', 'change', 'check', 'restore'];
const BACK = ['drain', 'unchange', 'restore'];

void describe('what ends a rollout, and who', { skip: noTemporal, timeout: 240_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  const run = (fleet: FakeFleet, ...what: [SshRollout, object?, Hand?]): Promise<Outcome> =>
    runFleet(ground, fleet, 'sshRollout', ...what);

  void test('a canary that fails or is not reachable ends the rollout, however many hosts may fail', async () => {
    const broken = [
      (command: string): number => (command === 'change' ? 1 : 0),
      (): never => {
        throw sshFailure('SshConnectRefused', 'web-1: refused', { ran: false });
      },
    ];
    for (const [index, behave] of broken.entries()) {
      for (const onBudgetExceeded of ['rollback', 'stop'] as const) {
        const fleet = fakeFleet((command, host) => (host === 'web-1' ? behave(command) : 0));
        const outcome = await run(fleet, { ...ROLLOUT, maxFailures: 3, onBudgetExceeded });
        assert.equal(sshFailureOf(outcome.failure?.error.cause)?.type, 'SshTooManyFailures', `${index}`);
        assert.match(String(outcome.failure?.error.cause), /1 of 3 hosts failed, and 0 may of the canary\. web-1/);
        assert.deepEqual([on(fleet, 'web-2'), on(fleet, 'web-3')], [[], []]);
      }
    }
  });

  void test('no other host of a canary is begun after one that failed', async () => {
    const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-1' ? 1 : 0));
    await run(fleet, { ...ROLLOUT, canary: 2, maxFailures: 3, maxUnavailable: 1 });
    assert.deepEqual([on(fleet, 'web-2'), on(fleet, 'web-3')], [[], []]);
  });

  void test('ask: whoever leaves out a canary that failed leaves the others their budget', async () => {
    const fleet = fakeFleet((command, host) => (command === 'change' && host !== 'web-3' ? 1 : 0));
    const asked = { ...ROLLOUT, maxFailures: 2, onBudgetExceeded: 'ask' } as const;
    const { result } = await run(fleet, asked, {}, async (handle, progress) => {
      await until('it asks', async () => (await progress()).state === 'waiting');
      await update(handle, 'resolve', { decision: 'skip' });
    });
    const { state, counts } = result as SshProgress;
    assert.deepEqual([state, counts?.undone, counts?.succeeded], ['succeeded', 2, 1]);
  });

  void test('an abort with undo rolls back what is done, also where failures would leave it', async () => {
    for (const undo of [true, false]) {
      const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-3' ? hang() : 0));
      const stop = { ...ROLLOUT, onBudgetExceeded: 'stop', maxUnavailable: 1 } as const;
      const outcome = await run(fleet, stop, {}, async (handle) => {
        await until('the last host is changed', () => fleet.ran.includes('web-3: change'));
        await update(handle, 'abort', { undo });
      });
      assert.equal(sshFailureOf(outcome.error?.cause)?.type, 'SshRunAborted');
      assert.deepEqual(on(fleet, 'web-1'), undo ? [...EACH, ...BACK] : EACH);
      if (!undo) continue;
      const [{ undone }] = detailsOf(outcome) as [SshCompensationOutcome];
      assert.deepEqual(undone, ['web-3', 'web-2', 'web-1']);
      const order = fleet.ran.filter((each) => each.endsWith('unchange'));
      assert.deepEqual(order, ['web-3: unchange', 'web-2: unchange', 'web-1: unchange']);
    }
  });

  void test('what a child workflow was told itself is in the report, once, as what the whole was told', async () => {
    const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-2' ? hang() : 0));
    const outcome = await run(fleet, ROLLOUT, {}, async (handle, progress) => {
      await until('the second host is changed', () => fleet.ran.includes('web-2: change'));
      await update(handle, 'pause', { reason: 'of the whole' });
      const { child = '' } = await progress();
      const direct = ground.temporal.client.workflow.getHandle(child);
      await until('it is handed on', async () => (await direct.query<SshProgress>('progress')).paused === true);
      await update(direct, 'resume', { reason: 'of the child' });
      await update(handle, 'resume', { reason: 'of the whole' });
      await update(direct, 'abort', { reason: 'of the child' });
    });
    const report = detailsOf(outcome).at(-1) as SshProgress;
    assert.deepEqual(report.decisions.map(({ update: what, by, reason }) => `${what} ${by} ${reason}`).sort(), [
      'abort ann of the child',
      'pause ann of the whole',
      'resume ann of the child',
      'resume ann of the whole',
    ]);
  });

  void test('a pause shows while something waits for an answer, in the whole and in the child', async () => {
    let broken = true;
    const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-2' && broken ? 1 : 0));
    await run(fleet, { ...ROLLOUT, onFailure: 'ask' }, {}, async (handle, progress) => {
      await until('a host asks', async () => (await progress()).state === 'waiting');
      const { child = '' } = await progress();
      const direct = ground.temporal.client.workflow.getHandle(child);
      assert.equal((await progress()).paused, undefined);
      const { state, paused } = await update(handle, 'pause', {});
      assert.deepEqual([state, paused], ['waiting', true]);
      await until('the child knows', async () => (await direct.query<SshProgress>('progress')).paused === true);
      assert.equal((await update(handle, 'resume', {})).paused, undefined);
      broken = false;
      await update(handle, 'resolve', { decision: 'retry' });
    });
  });
});
