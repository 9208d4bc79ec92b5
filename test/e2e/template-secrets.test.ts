import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { SshTransferResult } from '../../contract';
import { hostConfig } from '../activities/mock-step';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { noTemporal, outcomeOf, useGround } from './ground';
import { startWorkerProcess } from './worker-process';

/** A history, with what its payloads hold. */
function textsOf(json: string): readonly string[] {
  const payloads = [...json.matchAll(/"data": ?"([\w+/=]+)"/g)];
  return [json, ...payloads.map(([, data = '']) => Buffer.from(data, 'base64').toString())];
}

void describe('a secret in a template', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));

  void test('reaches the file, and neither history nor logs', async (t) => {
    const secret = `canary-${randomBytes(12).toString('hex')}`;
    const scratch = makeScratch({ t });
    const sshd = await startSshd({ t, env: { HOME: '/nonexistent' } });
    const taskQueue = ground.temporal.taskQueue();
    const worker = await startWorkerProcess(
      {
        ...{ address: ground.temporal.address, taskQueue },
        codePath: scratch.write('bundle.js', ground.workflowBundle.code),
        hosts: scratch.write('hosts.json', JSON.stringify({ hosts: { box: hostConfig(sshd, { user: sshd.user }) } })),
        files: { secrets: { password: { env: 'APP_PASSWORD' } } },
        options: { maxHeartbeatThrottleInterval: 100 },
      },
      { t, env: { APP_PASSWORD: secret } }
    );
    const seen: string[] = [];
    for (const via of ['sftp', 'exec'] as const) {
      const to = join(scratch.path, `app-${via}.conf`);
      const put = async (validate: readonly string[]): Promise<unknown> => {
        const file = {
          ...{ to, via, validate, content: 'user={{user}}\npassword={{password}}\n' },
          values: { user: 'app', password: { secret: 'password' } },
        };
        const handle = await ground.start('sshTransfer', taskQueue, [{ host: 'box', putFile: file }]);
        const outcome = await outcomeOf(handle);
        seen.push(...textsOf(historyToJSON(await handle.fetchHistory())), String(outcome.error?.stack));
        return outcome.failure?.type ?? outcome.result;
      };
      // What a validate command prints of the file it was given is the file's content: it is not repeated.
      assert.equal(await put(['sh', '-c', 'cat "$1"; cat "$1" >&2; exit 1', 'sh', '{}']), 'SshTransferValidateFailed');
      const result = (await put(['grep', '-q', '^user=app$', '{}'])) as SshTransferResult;
      assert.deepEqual([result.changed, result.sha256], [true, undefined]);
      assert.equal(readFileSync(to, 'utf8'), `user=app\npassword=${secret}\n`);
      assert.equal(statSync(to).mode & 0o777, 0o600);
    }
    await worker.stop();
    assert.ok(seen.some((text) => text.includes('password={{password}}')));
    for (const text of [...seen, worker.log()]) {
      for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, 24)]) {
        assert.ok(!text.includes(form), text.slice(Math.max(0, text.indexOf(form) - 500), text.indexOf(form) + 100));
      }
    }
  });
});
