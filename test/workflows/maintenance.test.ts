import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import type { SshMaintenance, SshProgress } from '../../contract';
import { noTemporal, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';
import { until } from '../worker/processes';
import { fakeFleet, hang } from './fake-fleet';
import type { FakeFleet } from './fake-fleet';
import { detailsOf, on, runFleet } from './run-fleet';
import type { Hand } from './run-fleet';

void describe('sshMaintenance', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));
  const run = (fleet: FakeFleet, ...what: [SshMaintenance, object?, Hand?]): Promise<Outcome> =>
    runFleet(ground, fleet, 'sshMaintenance', ...what);

  const maintenance = (parts: Partial<SshMaintenance> = {}): SshMaintenance => ({
    name: 'nightly',
    hosts: ['web-1', 'web-2'],
    drain: [{ name: 'drain', exec: 'drain' }],
    job: [{ name: 'work', job: 'work' }],
    verify: [{ name: 'verify', exec: 'verify' }],
    restore: [{ name: 'restore', exec: 'restore' }],
    ...parts,
  });

  void test('maintenance: host by host, a reboot where it is needed, and restore whatever happens', async () => {
    const fleet = fakeFleet((command, host) => {
      if (command === 'needs-reboot') return host === 'web-1' ? 0 : 1;
      if (command === 'verify' && host === 'web-2') return 1;
      return 0;
    });
    const outcome = await run(fleet, maintenance({ reboot: { when: 'needs-reboot' } }));
    assert.deepEqual(on(fleet, 'web-1'), ['drain', 'work', 'needs-reboot', 'shutdown -r now', 'verify', 'restore']);
    assert.deepEqual(on(fleet, 'web-2'), ['drain', 'work', 'needs-reboot', 'verify', 'restore']);
    assert.equal(outcome.failure?.type, 'SshRunFailed');
    assert.equal(sshFailureOf(outcome.failure.error.cause)?.type, 'SshTooManyFailures');
    const [report] = detailsOf(outcome) as [SshProgress];
    assert.deepEqual(report.done, ['web-1']);
  });

  void test('maintenance that is cancelled restores', async () => {
    const fleet = fakeFleet((command) => (command === 'work' ? hang() : 0));
    const { error } = await run(fleet, maintenance(), {}, async (handle) => {
      await until('it works', () => fleet.ran.includes('web-1: work'));
      await handle.cancel();
    });
    assert.ok(error instanceof CancelledFailure, String(error));
    assert.deepEqual(fleet.ran, ['web-1: drain', 'web-1: work', 'web-1: restore']);
  });

  void test('after the window nothing is begun, and what is drained is restored', async () => {
    const past = '2020-01-01T00:00:00Z';
    const fleet = fakeFleet();
    const outcome = await run(fleet, maintenance({ window: { notAfter: past as never } }));
    assert.equal(sshFailureOf(outcome.failure?.error.cause)?.type, 'SshWindowClosed');
    assert.match(outcome.failure?.message ?? '', /2 hosts were not touched: web-1, web-2/);
    assert.deepEqual(fleet.ran, []);

    const slow = fakeFleet(async (command) => {
      if (command === 'drain') await new Promise((resolve) => setTimeout(resolve, 1_500));
      return 0;
    });
    const late = await run(slow, maintenance({ window: { notBefore: 1, notAfter: '1s' } }));
    assert.ok(late.failure);
    assert.ok(slow.ran.length === 0 || slow.ran.join() === 'web-1: drain,web-1: restore', slow.ran.join());
  });

  void test('a dry run', async () => {
    const fleet = fakeFleet((command, host) => (command === 'check' && host === 'web-2' ? 'tar' : 0));
    const outcome = await run(fleet, maintenance({ programs: ['tar'] }), { dryRun: true });
    assert.match(
      outcome.failure?.message ?? '',
      /^dry run of maintenance [^:]+: 1 of \d hosts are not ready: web-2\. The report says why/
    );
  });
});
