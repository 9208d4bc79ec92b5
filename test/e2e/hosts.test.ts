import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SshCheckResult, SshListedHost } from '../../contract';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { startSshd } from '../support/sshd';
import { noTemporal, outcomeOf, scheduledBy, useGround } from './ground';

void describe('which hosts there are, and what they have', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/looks'));

  void test('listSshHosts and check', async (t) => {
    const sshd = await startSshd({ t });
    const config = hostConfig(sshd, { user: sshd.user, labels: { role: 'web' } });
    const hosts = { box: config, 'box-10': config, 'box-9': config, other: { ...config, labels: {} } };
    await ground.withWorker({ plugins: [new SshPlugin({ hosts: { hosts } })] }, async (queue) => {
      const listed = await ground.execute('listHosts', queue, [{ labels: { role: ['web', 'db'] } }]);
      const names = (listed.result as readonly SshListedHost[]).map(({ name }) => name);
      assert.deepEqual(names, ['box', 'box-9', 'box-10']);
      assert.deepEqual((await ground.execute('listHosts', queue, [{ labels: { role: 'mail' } }])).result, []);
      const { failure } = await ground.execute('listHosts', queue, [{ names: ['bix'] }]);
      assert.equal(failure?.type, 'SshUnknownHost');

      const handle = await ground.start('checkBox', queue, [{ programs: ['ls', 'no-such-program'] }]);
      const { user, missing, stages } = (await outcomeOf(handle)).result as SshCheckResult;
      assert.deepEqual([user, missing, stages.length], [sshd.user, ['no-such-program'], 5]);
      assert.deepEqual(
        (await scheduledBy(handle)).map(({ activityType }) => activityType?.name),
        ['sshCheck']
      );
    });
  });
});
