import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import type { SshCompensationOutcome, SshProgress } from '../../contract';
import { noTemporal, useGround } from '../e2e/ground';
import { until } from '../worker/processes';
import { ROLLOUT } from './a-rollout';
import { fakeFleet } from './fake-fleet';
import { detailsOf, on, runFleet, update } from './run-fleet';

const UNKNOWN = 'no host "web-1" in hosts.yaml. Known: web-2, web-3.';

function unknownHost(): never {
  const details = { stage: 'config', host: 'web-1', elapsedMs: 0, commandMayHaveRun: false };
  throw ApplicationFailure.nonRetryable(UNKNOWN, 'SshUnknownHost', details);
}

async function currentDetails(handle: WorkflowHandle): Promise<string> {
  const { currentDetails: text } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return text;
}

void describe('what a fleet tells of itself', { skip: noTemporal, timeout: 240_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  void test('a rollout of which no host is done fails, however many may fail', async () => {
    const some = { ...ROLLOUT, canary: 0, batch: 3, maxFailures: 3 };
    const broken = fakeFleet((command) => (command === 'change' ? 1 : 0));
    const undone = await runFleet(ground, broken, 'sshRollout', some);
    assert.equal(undone.failure?.type, 'SshCompensated');
    assert.equal(sshFailureOf(undone.failure.error.cause)?.type, 'SshTooManyFailures');
    assert.match(undone.failure.message, /no host of 3 succeeded: 3 failed\. web-\d: SshExitStatus/);
    const stopped = await runFleet(ground, broken, 'sshRollout', { ...some, onBudgetExceeded: 'stop' });
    assert.equal(stopped.failure?.type, 'SshRunFailed');
    assert.match(stopped.failure.message, /0 of 3 hosts are done, 3 failed and are as they were before\.$/);
    assert.doesNotMatch(stopped.failure.message, /\.\.| 0 failed/);
    const one = fakeFleet((command, host) => (command === 'change' && host !== 'web-3' ? 1 : 0));
    const { result } = await runFleet(ground, one, 'sshRollout', some);
    assert.equal((result as SshProgress).state, 'succeeded');
  });

  void test('an unknown host: nothing was done there, so that nothing is undone or restored, and it is told once', async () => {
    for (const canary of [0, 1]) {
      const fleet = fakeFleet((_command, host) => (host === 'web-1' ? unknownHost() : 0));
      const { drain: _drain, ...rollout } = ROLLOUT;
      const alone = { ...rollout, hosts: ['web-1'], canary, maxFailures: canary === 0 ? 1 : 0 };
      const outcome = await runFleet(ground, fleet, 'sshRollout', alone);
      const [compensation, report] = detailsOf(outcome) as [SshCompensationOutcome, SshProgress];
      assert.deepEqual([outcome.failure?.type, compensation.undone], ['SshCompensated', ['web-1']]);
      assert.deepEqual(report.hosts?.[0], {
        ...{ host: 'web-1', state: 'undone', step: 'change', type: 'SshUnknownHost', message: UNKNOWN },
      });
      assert.deepEqual(on(fleet, 'web-1'), ['change']);
    }
  });

  void test('of a step that may run twice an earlier attempt may have done something: it is undone', async () => {
    const fleet = fakeFleet((command) => (command === 'change' ? unknownHost() : 0));
    const change = [{ name: 'change', exec: 'change', idempotent: true, undo: { exec: 'unchange' } }];
    await runFleet(ground, fleet, 'sshRollout', { ...ROLLOUT, hosts: ['web-1'], change });
    assert.deepEqual(on(fleet, 'web-1'), ['drain', 'change', 'unchange', 'restore']);
  });

  void test('a runbook on an unknown host has nothing to undo; its report has what failed commands wrote to stderr', async () => {
    const steps = [{ name: 'one', exec: 'one', undo: { exec: 'unone' } }];
    const fleet = fakeFleet(unknownHost);
    const outcome = await runFleet(ground, fleet, 'sshRunbook', { name: 'r', hosts: ['web-1'], steps });
    assert.deepEqual([outcome.failure?.type, fleet.ran], ['SshRunFailed', ['web-1: one']]);
    const noisy = fakeFleet(() => {
      const details = { stage: 'run', host: 'web-1', elapsedMs: 1, commandMayHaveRun: true, exitCode: 3 };
      throw ApplicationFailure.nonRetryable('exit code 3', 'SshExitStatus', {
        ...details,
        stderr: `${'x'.repeat(600)}\nat last\n`,
      });
    });
    const failed = await runFleet(ground, noisy, 'sshRunbook', { name: 'r', hosts: ['web-1'], steps });
    const { stderrTail } = (detailsOf(failed).at(-1) as SshProgress).steps[0]?.hosts?.[0] ?? {};
    assert.deepEqual([stderrTail?.length, stderrTail?.slice(-8)], [500, '\nat last']);
    const fleetFailed = await runFleet(ground, noisy, 'sshRollout', { ...ROLLOUT, hosts: ['web-1'] });
    assert.equal((detailsOf(fleetFailed).at(-1) as SshProgress).hosts?.[0]?.stderrTail?.length, 500);
  });

  void test('what is asked is in the current details, with the command that answers it', async () => {
    const fleet = fakeFleet((command) => (command === 'change' ? 1 : 0));
    const asks = { ...ROLLOUT, onBudgetExceeded: 'ask' };
    await runFleet(ground, fleet, 'sshRollout', asks, {}, async (handle, progress) => {
      await until('it asks', async () => (await progress()).state === 'waiting');
      const details = await currentDetails(handle);
      assert.match(
        details,
        /: waiting\n[^]*Waits for an answer \(retry, skip, compensate, stop\): \*\*failure budget\*\*/
      );
      assert.ok(
        details.includes(`temporal-ssh resolve ${handle.workflowId} --step 'failure budget' --reason TEXT --decision`),
        details
      );
      await assert.rejects(update(handle, 'approve', {}), ({ cause }: Error) => {
        assert.match(
          String(cause),
          /Nothing waits for an approval\. .* temporal-ssh resolve .* --step 'failure budget'/
        );
        return true;
      });
      await update(handle, 'resolve', { decision: 'compensate' });
    });
    const steps = [{ name: 'go', approve: 'Well?' }];
    await runFleet(
      ground,
      fleet,
      'sshRunbook',
      { name: 'r', hosts: ['web-1'], steps },
      {},
      async (handle, progress) => {
        await until('it asks', async () => (await progress()).state === 'waiting');
        assert.match(await currentDetails(handle), /: waiting\n[^]*temporal-ssh approve \S+ --step go --reason TEXT/);
        await update(handle, 'pause', {});
        assert.match(await currentDetails(handle), /: waiting, paused\n/);
        await update(handle, 'abort', {});
      }
    );
  });

  void test('a window that is not open yet, and the pause between two batches, are told with their end', async () => {
    const maintenance = {
      name: 'nightly',
      hosts: ['web-1'],
      window: { notBefore: '10m' },
      job: [{ name: 'a', job: 'a' }],
    };
    const waits = [
      ['sshMaintenance', maintenance, 'window', /Waits for its window to open, until \d{4}-/],
      ['sshRollout', { ...ROLLOUT, pause: '10m' }, 'pause', /Waits between two batches, until \d{4}-/],
    ] as const;
    for (const [workflow, definition, what, text] of waits) {
      await runFleet(ground, fakeFleet(), workflow, definition, {}, async (handle, progress) => {
        await until('it waits', async () => (await progress()).waitingFor !== undefined);
        const { waitingFor, state } = await progress();
        assert.deepEqual([waitingFor?.what, state], [what, 'running']);
        const left = Date.parse(waitingFor?.until ?? '') - Date.now();
        assert.ok(left > 60_000 && left <= 600_000, `${left}`);
        assert.match(await currentDetails(handle), text);
        await update(handle, 'abort', {});
      });
    }
  });
});
