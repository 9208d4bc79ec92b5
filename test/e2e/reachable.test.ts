import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { SshReachableResult, SshRebootResult } from '../../contract';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { freePort } from '../support/free-port';
import { privateFilesSkipReason } from '../support/private-files';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { until } from '../worker/processes';
import { noTemporal, outcomeOf, scheduledBy, useGround } from './ground';
import { FIRST_BOOT, SECOND_BOOT, activityEvents, pendingLook, startBootingHost } from './look-ground';

void describe('a host that is waited for', { skip: noTemporal, timeout: 180_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/looks'));
  const POOL = { coolDown: '1s', maxCoolDown: '1s' } as const;
  const plugins = (sshd: RealSshd, more: object = {}): SshPlugin[] => [
    new SshPlugin({ hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user, ...more }) } }, pool: POOL }),
  ];

  void test('down for some looks, then back: one activity, three events, and the look that found it', async (t) => {
    const sshd = await startSshd({ t });
    await sshd.stop({ sessions: 'keep' });
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const handle = await ground.start('waitForBox', queue, [{ every: '1s' }]);
      await until('two looks are over', async () => (await pendingLook(handle)).attempt >= 3);
      assert.match((await pendingLook(handle)).type ?? '', /^Ssh(ConnectRefused|HostCoolingDown)$/);
      await sshd.restart();
      const { result } = await outcomeOf(handle);
      const { host, hostKeyFingerprint, attempt } = result as SshReachableResult;
      assert.deepEqual([host, hostKeyFingerprint], ['box', sshd.hostFingerprint]);
      assert.ok(attempt >= 3);
      assert.deepEqual(await activityEvents(handle), ['Scheduled', 'Started', 'Completed']);
    });
  });

  void test('the deadline passes: SshUnreachable, with the last look as its details and cause', async (t) => {
    const sshd = await startSshd({ t });
    const port = await freePort();
    await ground.withWorker({ plugins: plugins(sshd, { port }) }, async (queue) => {
      const handle = await ground.start('waitForBox', queue, [{ every: '1s', deadline: '4s' }]);
      const { failure } = await outcomeOf(handle);
      assert.equal(failure?.type, 'SshUnreachable');
      assert.match(failure.message, /^box was not reachable within 4000 ms\. The last look: box \(127\.0\.0\.1:/);
      assert.deepEqual([failure.details?.host, failure.details?.limitMs], ['box', 4_000]);
      const cause = failure.error.cause;
      assert.ok(cause instanceof ApplicationFailure, String(cause));
      assert.match(cause.type ?? '', /^Ssh(ConnectRefused|HostCoolingDown)$/);
      assert.equal((await activityEvents(handle)).length, 3);
    });
  });

  void test('the deadline passes in the middle of a look', async (t) => {
    const sshd = await startSshd({ t });
    sshd.pause();
    t.after(() => sshd.resume());
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const options = { every: '1s', deadline: '5s', timeouts: { banner: '1s' }, heartbeatTimeout: '2s' };
      const handle = await ground.start('waitForBox', queue, [options]);
      await until('a look is over', async () => (await pendingLook(handle)).attempt >= 2);
      const { failure } = await outcomeOf(handle);
      assert.deepEqual([failure?.type, failure?.details?.stage], ['SshUnreachable', 'banner']);
      assert.match(failure?.message ?? '', /The last look: .*(no SSH identification|left alone)/);
      const cause = failure?.error.cause;
      assert.ok(cause instanceof ApplicationFailure, String(cause));
      assert.match(cause.type ?? '', /^Ssh(BannerTimeout|HostCoolingDown)$/);
    });
  });

  void test('no worker: SshUnreachable says that there was no look', async () => {
    await ground.withWorker({}, async (queue) => {
      const { failure } = await ground.execute('waitForBox', queue, [{ deadline: '1s', taskQueue: 'nobody' }]);
      assert.equal(failure?.type, 'SshUnreachable');
      assert.match(failure.message, /No look was finished/);
    });
  });

  void test('credentials that are refused end the wait at once', async (t) => {
    const sshd = await startSshd({ t });
    writeFileSync(sshd.authorizedKeysFile, '');
    const outcome = await ground.withWorker({ plugins: plugins(sshd) }, async (queue) =>
      ground.execute('waitForBox', queue, [{ every: '1s' }])
    );
    assert.equal(outcome.failure?.type, 'SshAuthFailed');
  });

  void test('cancelled between two looks, where no worker is told', async (t) => {
    const sshd = await startSshd({ t });
    await ground.withWorker({ plugins: plugins(sshd, { port: await freePort() }) }, async (queue) => {
      const handle = await ground.start('waitForBox', queue, [{ every: '30m', deadline: '2h' }], 7_200);
      await until('a look is over', async () => (await pendingLook(handle)).attempt === 2);
      await handle.cancel();
      assert.ok((await outcomeOf(handle)).error instanceof CancelledFailure);
    });
  });

  const skip = privateFilesSkipReason();

  void test('reboot: the connection breaks, the boot id changes, and the command ran once', { skip }, async (t) => {
    const { sshd, restart } = await startBootingHost({ t });
    const file = join(sshd.directory, 'rebooting');
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const command = `echo run >> ${file}; sleep 300`;
      const handle = await ground.start('rebootBox', queue, [{ command, every: '1s' }]);
      await until('the command runs', () => existsSync(file));
      await restart(SECOND_BOOT);
      const { result } = await outcomeOf(handle);
      assert.deepEqual(result, {
        host: 'box',
        bootIdBefore: FIRST_BOOT,
        bootIdAfter: SECOND_BOOT,
        hostKeyFingerprint: sshd.hostFingerprint,
      });
      const names = (await scheduledBy(handle)).map(({ activityType }) => activityType?.name);
      assert.deepEqual(names, ['sshReachable', 'sshExec', 'sshReachable']);
    });
  });

  void test('reboot: the command returns, and the host takes its time', { skip }, async (t) => {
    const { sshd, boot } = await startBootingHost({ t });
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const handle = await ground.start('rebootBox', queue, [{ command: ['true'], every: '1s', delay: '1s' }]);
      await until('a look saw the old boot', async () => (await pendingLook(handle)).type === 'SshBootIdUnchanged');
      boot(SECOND_BOOT);
      const { result } = await outcomeOf(handle);
      assert.equal((result as SshRebootResult).bootIdAfter, SECOND_BOOT);
    });
  });

  void test('reboot: a command that fails is a failure; nothing is waited for', { skip }, async (t) => {
    const { sshd } = await startBootingHost({ t });
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const handle = await ground.start('rebootBox', queue, [{ command: 'exit 3' }]);
      const { failure } = await outcomeOf(handle);
      assert.deepEqual([failure?.type, failure?.details?.exitCode], ['SshExitStatus', 3]);
      assert.equal((await scheduledBy(handle)).length, 2);
    });
  });

  void test('reboot: a host that does not reboot is SshUnreachable, whose cause says why', { skip }, async (t) => {
    const { sshd } = await startBootingHost({ t });
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const options = { command: 'true', every: '1s', deadline: '3s' };
      const { failure } = await ground.execute('rebootBox', queue, [options]);
      assert.equal(failure?.type, 'SshUnreachable');
      assert.match(failure.message, /^box was not there with another boot id within 3000 ms.*still has the boot id/);
      assert.equal((failure.error.cause as ApplicationFailure).type, 'SshBootIdUnchanged');
    });
  });

  void test('reboot: a host without a boot id is refused, and nothing is sent', { skip }, async (t) => {
    const { sshd } = await startBootingHost({ t }, 'none');
    await ground.withWorker({ plugins: plugins(sshd) }, async (queue) => {
      const handle = await ground.start('rebootBox', queue, [{ command: `touch ${sshd.directory}/sent` }]);
      const { failure } = await outcomeOf(handle);
      assert.equal(failure?.type, 'SshConfigUnsupported');
      assert.equal((await scheduledBy(handle)).length, 1);
      assert.equal(existsSync(join(sshd.directory, 'sent')), false);
    });
  });
});
