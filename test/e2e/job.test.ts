import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { SshExecResult, SshJobResult } from '../../contract';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { noTemporal, useGround } from './ground';

void describe('jobs on a real host', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  const scratch = makeScratch();
  let sshd: RealSshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(async () => {
    await sshd.stop();
    scratch.remove();
  });
  const plugins = (): SshPlugin[] => [
    new SshPlugin({
      hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user, jobDirectory: join(scratch.path, 'jobs') }) } },
    }),
  ];
  const runsIn = (file: string): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);

  for (const follow of ['stream', 'poll']) {
    void test(`${follow}: runs once, and tells its result`, async () => {
      const file = join(scratch.path, follow);
      const outcome = await ground.withWorker({ plugins: plugins() }, async (queue) =>
        ground.execute('sshJobRun', queue, [
          { host: 'box', command: `echo run >> ${file}; echo done`, follow, pollInterval: '1s' },
        ])
      );
      const { stdout, exitCode } = outcome.result as SshJobResult;
      assert.deepEqual([stdout, exitCode, runsIn(file)], ['done\n', 0, 1]);
    });
  }

  void test('once: an exec by way of a job', async () => {
    const outcome = await ground.withWorker({ plugins: plugins() }, async (queue) =>
      ground.execute('sshCommand', queue, [{ host: 'box', command: 'echo done', once: true }])
    );
    assert.equal((outcome.result as SshExecResult).stdout, 'done\n');
  });
});
