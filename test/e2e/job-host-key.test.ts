import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { makeKeyFiles } from '../support/key-files';
import { identify, isAlive } from '../support/processes';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { until } from '../worker/processes';
import { noTemporal, outcomeOf, scheduledBy, useGround } from './ground';

void describe('a host that is another one by its key', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/jobs'));

  void test('the workflow ends with that, and the job goes on', async (t) => {
    const scratch = makeScratch({ t });
    const sshd = await startSshd({ t });
    const box = hostConfig(sshd, { user: sshd.user, jobDirectory: join(scratch.path, 'jobs') });
    const pidFile = join(scratch.path, 'pid');
    const command = `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 300`;
    await ground.withWorker({ plugins: [new SshPlugin({ hosts: { hosts: { box } } })] }, async (queue) => {
      const handle = await ground.start('sshJobRun', queue, [{ host: 'box', id: 'watched', command }]);
      await until('the job runs', () => existsSync(pidFile));
      const job = identify(Number(readFileSync(pidFile, 'utf8')));
      assert.ok(job);
      const fresh = makeKeyFiles(join(scratch.path, 'another_host_key'));
      renameSync(fresh.file, sshd.hostKeyFile);
      await sshd.restart({ sessions: 'keep' });
      const { failure } = await outcomeOf(handle);
      assert.equal(failure?.type, 'SshHostKeyMismatch');
      assert.equal((await scheduledBy(handle)).length, 1);
      assert.ok(isAlive(job), 'the job has ended');
    });
  });
});
