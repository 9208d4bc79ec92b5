import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import type { SshCompensationOutcome, SshProgress, SshRollout } from '../../contract';
import { eventsOf, noTemporal, outcomeOf, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';
import { until } from '../worker/processes';
import { fakeFleet, hang } from './fake-fleet';
import type { FakeFleet } from './fake-fleet';
import { detailsOf, on, runFleet, update } from './run-fleet';
import type { Hand } from './run-fleet';

const HOSTS = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'];

function rollout(parts: Partial<SshRollout> = {}): SshRollout {
  return {
    name: 'release',
    hosts: HOSTS,
    drain: [{ name: 'drain', exec: 'drain' }],
    change: [{ name: 'change', exec: 'change', undo: { exec: 'unchange' } }],
    check: [{ name: 'check', healthy: 'check' }],
    restore: [{ name: 'restore', exec: 'restore' }],
    batch: 2,
    ...parts,
  };
}

const EACH = ['drain', 'change', 'check', 'restore'];
const BACK = ['drain', 'unchange', 'restore'];

void describe('sshRollout', { skip: noTemporal, timeout: 240_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  const run = (fleet: FakeFleet, ...what: [SshRollout, object?, Hand?]): Promise<Outcome> =>
    runFleet(ground, fleet, 'sshRollout', ...what);

  void test('a canary first, then batch by batch; each host is drained, changed, looked at and restored', async () => {
    let [working, most] = [0, 0];
    const fleet = fakeFleet((command) => {
      if (command === 'drain') most = Math.max(most, (working += 1));
      if (command === 'restore') working -= 1;
      return 0;
    });
    const { result } = await run(fleet, rollout({ hosts: [...HOSTS].reverse(), order: 'name' }));
    const progress = result as SshProgress;
    assert.deepEqual([progress.state, progress.counts?.succeeded, progress.batch?.total], ['succeeded', 6, 4]);
    assert.deepEqual(progress.done?.[0], 'web-1');
    for (const host of HOSTS) assert.deepEqual(on(fleet, host), EACH, host);
    const drained = fleet.ran.filter((each) => each.endsWith('drain')).map((each) => each.slice(0, 5));
    assert.deepEqual(
      [drained.slice(0, 1), drained.slice(1, 3).sort(), drained.slice(3, 5).sort()],
      [['web-1'], ['web-2', 'web-3'], ['web-4', 'web-5']]
    );
    assert.equal(most, 2);
  });

  void test('one failure more than it may have: the host is undone, and the hosts before it are rolled back, the last first', async () => {
    const fleet = fakeFleet((command, host) => (command === 'check' && host === 'web-3' ? 1 : 0));
    const outcome = await run(fleet, rollout({ maxUnavailable: 1 }));
    const [compensation, report] = detailsOf(outcome) as [SshCompensationOutcome, SshProgress];
    assert.equal(outcome.failure?.type, 'SshCompensated');
    assert.equal(sshFailureOf(outcome.failure.error.cause)?.type, 'SshTooManyFailures');
    assert.match(outcome.failure.message, /1 of 6 hosts failed, and 0 may\. web-3: SshExitStatus web-3: exit code 1/);
    assert.deepEqual(compensation.undone, ['web-3', 'web-2', 'web-1']);
    assert.deepEqual([report.counts?.undone, report.counts?.pending], [3, 3]);
    assert.deepEqual(on(fleet, 'web-3'), ['drain', 'change', 'check', 'unchange', 'restore']);
    for (const host of ['web-1', 'web-2']) assert.deepEqual(on(fleet, host), [...EACH, ...BACK], host);
    assert.deepEqual(on(fleet, 'web-4'), []);
  });

  void test('failures within the budget are told, and stay; an undo that fails leaves the host out of service', async () => {
    const fleet = fakeFleet((command, host) => {
      if (host === 'web-2' && (command === 'change' || command === 'unchange')) return 1;
      return 0;
    });
    const { result } = await run(fleet, rollout({ maxFailures: '20%' }));
    const { counts, hosts, state } = result as SshProgress;
    assert.deepEqual([state, counts?.succeeded, counts?.failed], ['succeeded', 5, 1]);
    assert.deepEqual([hosts?.[0]?.host, hosts?.[0]?.step, hosts?.[0]?.type], ['web-2', 'change', 'SshExitStatus']);
    assert.match(hosts?.[0]?.message ?? '', /change is not undone: .*was not restored/);
    assert.deepEqual(on(fleet, 'web-2'), ['drain', 'change', 'unchange']);
  });

  void test('stop leaves everything as it is, and done goes on from there', async () => {
    const broken = fakeFleet((command, host) => (command === 'change' && host === 'web-4' ? 1 : 0));
    const stopped = rollout({ onBudgetExceeded: 'stop', onFailure: 'stop', maxUnavailable: 1 });
    const outcome = await run(broken, stopped);
    assert.equal(outcome.failure?.type, 'SshRunFailed');
    const [report] = detailsOf(outcome) as [SshProgress];
    assert.deepEqual(report.done, ['web-1', 'web-2', 'web-3']);
    assert.deepEqual(on(broken, 'web-4'), ['drain', 'change'], 'it stays drained');
    const fine = fakeFleet();
    const { result } = await run(fine, stopped, { done: report.done });
    assert.deepEqual((result as SshProgress).done, ['web-4', 'web-5', 'web-6']);
    assert.deepEqual(on(fine, 'web-1'), []);
  });

  void test('ask: failed hosts are tried again, or left out', async () => {
    for (const [decision, again] of [
      ['retry', 2],
      ['skip', 1],
    ] as const) {
      let broken = true;
      const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-2' && broken ? 1 : 0));
      const { result } = await run(fleet, rollout({ onBudgetExceeded: 'ask' }), {}, async (handle, progress) => {
        await until('it asks', async () => (await progress()).state === 'waiting');
        broken = false;
        await update(handle, 'resolve', { decision });
      });
      const { state, counts } = result as SshProgress;
      assert.deepEqual([state, counts?.succeeded], ['succeeded', decision === 'retry' ? 6 : 5]);
      assert.equal(on(fleet, 'web-2').filter((each) => each === 'change').length, again);
    }
  });

  void test('the canary waits for an approval; a question of a host is answered where the rollout is', async () => {
    let broken = true;
    const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-2' && broken ? 1 : 0));
    const asked = rollout({ approveCanary: true, onFailure: 'ask' });
    const { result } = await run(fleet, asked, {}, async (handle, progress) => {
      await until('it asks', async () => (await progress()).state === 'waiting');
      assert.deepEqual(on(fleet, 'web-2'), []);
      await update(handle, 'approve', {});
      await until('the host asks', async () => (await progress()).questions[0]?.host === 'web-2');
      broken = false;
      await update(handle, 'resolve', { decision: 'retry' });
    });
    const { state, decisions } = result as SshProgress;
    assert.deepEqual([state, decisions.map((each) => each.decision)], ['succeeded', ['approved', 'retry']]);
  });

  void test('cancelled and aborted: what runs is undone, then what is done', async () => {
    for (const how of ['cancel', 'abort'] as const) {
      const fleet = fakeFleet((command, host) => (command === 'change' && host === 'web-2' ? hang() : 0));
      const outcome = await run(fleet, rollout({ batch: 1 }), {}, async (handle) => {
        await until('the second host is changed', () => fleet.ran.includes('web-2: change'));
        if (how === 'cancel') await handle.cancel();
        else await update(handle, 'abort', {});
      });
      if (how === 'cancel') assert.ok(outcome.error instanceof CancelledFailure, String(outcome.error));
      else assert.equal(sshFailureOf(outcome.error?.cause)?.type, 'SshRunAborted');
      assert.deepEqual(on(fleet, 'web-2'), ['drain', 'change', 'unchange', 'restore'], how);
      assert.deepEqual(on(fleet, 'web-1'), [...EACH, ...BACK], how);
      const order = fleet.ran.filter((each) => each.endsWith('unchange'));
      assert.deepEqual(order, ['web-2: unchange', 'web-1: unchange'], how);
      assert.deepEqual(on(fleet, 'web-3'), []);
    }
  });

  void test('pause, a host that is left out, resume', async () => {
    const fleet = fakeFleet();
    const { result } = await run(fleet, rollout({ approveCanary: true }), {}, async (handle, progress) => {
      await until('it asks', async () => (await progress()).state === 'waiting');
      await update(handle, 'pause', {});
      await update(handle, 'skipHost', { host: 'web-3' });
      await update(handle, 'approve', {});
      await until('it is paused', async () => (await progress()).state === 'paused');
      assert.deepEqual(on(fleet, 'web-2'), []);
      await update(handle, 'resume', {});
    });
    const { counts } = result as SshProgress;
    assert.deepEqual([counts?.succeeded, counts?.skipped], [5, 1]);
    assert.deepEqual(on(fleet, 'web-3'), []);
  });

  void test('a fleet of many hosts: child workflows of a bounded size, and continue-as-new', async () => {
    const hosts = Array.from({ length: 250 }, (_, index) => `h-${index}`);
    const fleet = fakeFleet();
    const { name, change } = rollout();
    const many: SshRollout = { name, change, hosts, batch: '50%', maxUnavailable: 40 };
    await ground.withWorker({ activities: fleet.activities }, async (queue) => {
      const handle = await ground.start('sshRollout', queue, [many, { gate: false }], 120);
      const { result, error } = await outcomeOf(handle);
      assert.equal(error, undefined);
      const { counts } = result as SshProgress;
      assert.deepEqual(counts?.succeeded, 250);
      assert.ok((await eventsOf(handle)).length < 100, 'hosts are not in its history');
      assert.equal(new Set(fleet.ran).size, 250);
    });
  });

  void test('a dry run', async () => {
    const { result } = await run(fakeFleet(), rollout(), { dryRun: true });
    assert.deepEqual([(result as SshProgress).state, (result as SshProgress).dryRun], ['succeeded', true]);
  });
});
