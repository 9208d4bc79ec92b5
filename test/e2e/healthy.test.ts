import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import type { SshHealthyResult, SshUnhealthyDetails } from '../../contract';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { until } from '../worker/processes';
import { noTemporal, outcomeOf, useGround } from './ground';
import { activityEvents, pendingLook } from './look-ground';

void describe('a host that is to be healthy', { skip: noTemporal, timeout: 180_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/looks'));
  let sshd: RealSshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());

  const plugins = (): SshPlugin[] => [
    new SshPlugin({
      hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user }) } },
      pool: { coolDown: '1s', maxCoolDown: '1s' },
    }),
  ];
  /** A command that exits with what a file says, and tells each look. */
  const probe = (name: string, code: number): { readonly command: string; exitWith(code: number): void } => {
    const file = join(sshd.directory, name);
    const exitWith = (next: number): void => writeFileSync(file, `${next}\n`);
    exitWith(code);
    return { command: `read code < ${file}; echo "exits with $code"; echo why >&2; exit $code`, exitWith };
  };
  const seen = async (handle: WorkflowHandle, message: RegExp): Promise<void> =>
    until(`a look with ${String(message)}`, async () => message.test((await pendingLook(handle)).message));

  void test('without a soak the first good look is enough', async () => {
    const { command } = probe('at-once', 0);
    const { result } = await ground.withWorker({ plugins: plugins() }, async (queue) =>
      ground.execute('healthyBox', queue, [command])
    );
    const { host, looks, exitCode, stdout } = result as SshHealthyResult;
    assert.deepEqual([host, looks, exitCode, stdout], ['box', 1, 0, 'exits with 0\n']);
  });

  // The SDK throttles heartbeats to one in 24 s here: what is counted must come with the failures.
  void test('a soak that is interrupted begins anew; three events, however many looks', async () => {
    const { command, exitWith } = probe('soak', 0);
    await ground.withWorker({ plugins: plugins() }, async (queue) => {
      const handle = await ground.start('healthyBox', queue, [command, { every: '1s', soak: '3s' }]);
      await seen(handle, /is healthy for [1-9]\d* ms of 3000 ms \(look [2-9]\)/);
      exitWith(7);
      await seen(handle, /^Look \d found it unhealthy: .*exit code 7/);
      exitWith(0);
      const { result } = await outcomeOf(handle);
      const { looks, healthyForMs } = result as SshHealthyResult;
      // Two before the bad one, and those of a whole soak after it.
      assert.ok(looks >= 2 + 1 + 4 && healthyForMs >= 3_000, JSON.stringify(result));
      assert.deepEqual(await activityEvents(handle), ['Scheduled', 'Started', 'Completed']);
    });
  });

  void test('the deadline passes: SshUnhealthy, terminal, with what the last look saw', async () => {
    const { command } = probe('never', 5);
    await ground.withWorker({ plugins: plugins() }, async (queue) => {
      const handle = await ground.start('healthyBox', queue, [command, { every: '1s', deadline: '4s' }]);
      const { failure } = await outcomeOf(handle);
      assert.equal(failure?.type, 'SshUnhealthy');
      assert.match(failure.message, /^box was not healthy within 4000 ms\. The last look: Look \d found it unhealthy/);
      const { exitCode, stdoutTail, stderrTail, limitMs } = failure.details ?? {};
      assert.deepEqual([exitCode, stdoutTail, stderrTail, limitMs], [5, 'exits with 5', 'why', 4_000]);
      assert.ok((failure.details as unknown as SshUnhealthyDetails).looks >= 2);
      assert.equal((failure.error as ApplicationFailure).nonRetryable, true);
      const lastLook = failure.error.cause as ApplicationFailure;
      assert.deepEqual([lastLook.type, sshFailureOf(lastLook.cause)?.type], ['SshUnhealthy', 'SshExitStatus']);
      assert.equal((await activityEvents(handle)).length, 3);
    });
  });

  void test('the deadline passes while it soaks', async () => {
    const { command } = probe('soaking', 0);
    const { failure } = await ground.withWorker({ plugins: plugins() }, async (queue) =>
      ground.execute('healthyBox', queue, [command, { every: '1s', soak: '1h', deadline: '3s' }])
    );
    assert.equal(failure?.type, 'SshUnhealthy');
    assert.match(failure.message, /The last look: .* is healthy for \d+ ms of 3600000 ms/);
  });

  void test('a host that goes away while it soaks: the soak begins anew, and the cause says what happened', async () => {
    const { command } = probe('gone', 0);
    await ground.withWorker({ plugins: plugins() }, async (queue) => {
      const handle = await ground.start('healthyBox', queue, [command, { every: '1s', soak: '4s' }]);
      await seen(handle, /is healthy for/);
      await sshd.stop({ sessions: 'keep' });
      await until('a look that failed to connect', async () => {
        const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
        return /^Ssh(Connect|Host|Disconnected)/.test(pending?.lastFailure?.cause?.applicationFailureInfo?.type ?? '');
      });
      assert.equal((await pendingLook(handle)).type, 'SshUnhealthy');
      await sshd.restart();
      const { result } = await outcomeOf(handle);
      assert.ok((result as SshHealthyResult).healthyForMs >= 4_000);
    });
  });

  void test('failAfter bad looks in a row end it at once', async () => {
    const { command } = probe('fail-after', 1);
    const { failure } = await ground.withWorker({ plugins: plugins() }, async (queue) =>
      ground.execute('healthyBox', queue, [command, { every: '1s', failAfter: 2 }])
    );
    assert.deepEqual([failure?.type, (failure?.details as unknown as SshUnhealthyDetails).looks], ['SshUnhealthy', 2]);
  });
});
