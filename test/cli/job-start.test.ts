import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import { entry } from './support/hosts-text';
import { runCli, startCli } from './support/run-cli';
import type { RunningCli } from './support/run-cli';

async function ground(t: TestContext) {
  const scratch = makeScratch({ t });
  const temporal = await startTemporal({ t });
  const sshd = await startSshd({ t });
  const web = { ...entry(sshd), jobDirectory: join(scratch.path, 'jobs') };
  const hosts = scratch.write('hosts.json', JSON.stringify({ hosts: { web } }));
  const env = { TEMPORAL_ADDRESS: temporal.address };
  const taskQueue = `cli-${randomUUID()}`;
  const worker = async (): Promise<RunningCli> => {
    const started = startCli(['worker', '--hosts', hosts, '--task-queue', taskQueue, '--log-format', 'json'], {
      env,
      t,
    });
    await started.saw(/RUNNING/);
    return started;
  };
  const job = (...args: string[]): string[] => [
    'job',
    'start',
    'web',
    '--hosts',
    hosts,
    '--task-queue',
    taskQueue,
    ...args,
  ];
  return { path: scratch.path, env, worker, job };
}

void test('job start shows the output as it comes, while its worker is replaced, and exits with its code', async (t) => {
  const { path, env, worker, job } = await ground(t);
  const go = join(path, 'go');
  const first = await worker();
  const script = `echo one; until [ -e ${go} ]; do sleep 0.05; done; echo two; echo err >&2; exit 5`;
  const cli = startCli(job('--id', 'mine', '--', script), { env, t });
  await cli.saw(/one\n/);
  first.signal('SIGTERM');
  await first.exit;
  writeFileSync(go, '');
  assert.equal(await cli.exit, 5, cli.stderr());
  assert.deepEqual([cli.stdout(), cli.stderr()], ['one\ntwo\n', 'err\n']);
});

void test('job start --detach prints the id and leaves; an id that is none is refused', async (t) => {
  const { env, worker, job } = await ground(t);
  const running = await worker();
  const detached = await runCli(job('--id', 'away', '--detach', '--json', '--', 'echo done'), { env });
  assert.equal(detached.code, 0, detached.stderr);
  assert.deepEqual(JSON.parse(detached.stdout), { host: 'web', id: 'away', workflowId: 'ssh-job-web-away' });
  const again = await runCli(job('--id', 'other', '--max-log-bytes', '100000', '--', 'echo', 'a b'), { env });
  assert.deepEqual([again.code, again.stdout], [0, 'a b\n'], again.stderr);
  const unknown = await runCli(job('--id', '../up', '--', 'true'), { env });
  assert.equal(unknown.code, 64, unknown.stderr);
  running.signal('SIGTERM');
  await running.exit;
});
