import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { startSshCommand, watchSteps } from '../../client';
import type { StepRetry } from '../../client';
import type { SshExecResult } from '../../contract';
import type { HostConfig, HostsFile } from '../../ssh/hosts';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { makeKeyFiles } from '../support/key-files';
import { assertGone } from '../support/login';
import { startProxy } from '../support/proxy';
import type { ProxyPlan } from '../support/proxy';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { until } from '../worker/processes';
import { eventsOf, noTemporal, outcomeOf, useGround } from './ground';
import type { Outcome } from './ground';

void describe("SSH steps of a user's own workflow and worker", { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  let sshd: RealSshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());

  const config = (server: RealSshd, more: object = {}): HostConfig =>
    hostConfig(server, { user: server.user, ...more });

  async function exec(
    hosts: NonNullable<HostsFile['hosts']>,
    command: unknown,
    options: object = {}
  ): Promise<Outcome> {
    const plugins = [new SshPlugin({ hosts: { hosts } })];
    return ground.withWorker({ plugins, maxCachedWorkflows: 0 }, async (queue) =>
      ground.execute('step', queue, ['box', {}, command, options])
    );
  }

  void test('OpenSSH: a command, its output, its environment and its directory', async () => {
    const { result } = await exec({ box: config(sshd) }, ['printf', '%s|%s', 'a b', "it's"], {});
    assert.equal((result as SshExecResult).stdout, "a b|it's");
    const more = { env: { GREETING: 'good day' }, cwd: sshd.directory, stdin: 'from stdin' };
    const shell = await exec({ box: config(sshd) }, 'pwd; echo "$GREETING"; cat; echo oops >&2', more);
    const { stdout, stderr, exitCode } = shell.result as SshExecResult;
    assert.deepEqual([stdout, stderr, exitCode], [`${sshd.directory}\ngood day\nfrom stdin`, 'oops\n', 0]);
  });

  void test('Dropbear', { skip: dropbearSkipReason() }, async (t) => {
    const dropbear = await startDropbear({ t });
    const { result } = await exec({ box: config(dropbear) }, 'echo hello; exit 4', { okExitCodes: [4] });
    const { stdout, exitCode, hostKeyFingerprint } = result as SshExecResult;
    assert.deepEqual([stdout, exitCode, hostKeyFingerprint], ['hello\n', 4, dropbear.hostFingerprint]);
  });

  void test('a non-zero exit code is a failure, and is not tried again', async () => {
    const runs = join(sshd.directory, 'runs');
    const { failure } = await exec({ box: config(sshd) }, `echo run >> ${runs}; echo why >&2; exit 3`);
    assert.deepEqual([failure?.type, failure?.details?.exitCode], ['SshExitStatus', 3]);
    assert.equal(failure?.details?.stderrTail, 'why');
    assert.equal(readFileSync(runs, 'utf8'), 'run\n');
  });

  void test('a host that is not known', async () => {
    const { failure } = await exec({ other: config(sshd) }, 'x');
    assert.equal(failure?.type, 'SshUnknownHost');
    assert.match(failure?.message ?? '', /Known: other/);
  });

  void test('a wrong key is tried once in the life of the workflow', async (t) => {
    const scratch = makeScratch({ t });
    const { file } = makeKeyFiles(join(scratch.path, 'wrong'));
    const from = sshd.log().length;
    const { failure } = await exec({ box: config(sshd, { credential: { privateKeyFile: file } }) }, 'x');
    assert.equal(failure?.type, 'SshAuthFailed');
    await sshd.waitForLog(/Failed publickey for .*/, { from });
    await sshd.waitForLog(/Connection closed by|Disconnected from|Received disconnect/, { from });
    assert.equal(
      sshd
        .log()
        .slice(from)
        .match(/Failed publickey for/g)?.length,
      1
    );
  });

  void test('a busy server is waited for, attempt 3 succeeds, and a client sees why it takes so long', async (t) => {
    const plan = (index: number): ProxyPlan => (index < 2 ? { text: 'Exceeded MaxStartups\r\n' } : 'forward');
    const proxy = await startProxy({ t, target: sshd, plan });
    const hosts = { hosts: { box: config(sshd, { port: proxy.port }) } };
    const plugins = [new SshPlugin({ hosts, pool: { coolDown: '1s', maxCoolDown: '1s' } })];
    await ground.withWorker({ plugins }, async (taskQueue) => {
      const retry = { initialInterval: '1s', maximumInterval: '1s' } as const;
      const input = { host: 'box', command: 'echo through', retry };
      const handle = await startSshCommand(ground.temporal.client, input, { taskQueue });
      assert.match(handle.workflowId, /^ssh-command-box-/);
      const over = new AbortController();
      const retries: StepRetry[] = [];
      const watching = watchSteps(handle, {
        intervalMs: 50,
        signal: over.signal,
        onRetry: (seen) => retries.push(seen),
      });
      const { result } = await outcomeOf(handle);
      over.abort();
      await watching;
      const { attempt, stdout } = result as SshExecResult;
      assert.deepEqual([attempt, stdout, proxy.connections], [3, 'through\n', 3]);
      assert.deepEqual(
        retries.map((seen) => [seen.attempt, seen.failureType, seen.stage, seen.activityType]),
        [1, 2].map((failed) => [failed, 'SshServerBusy', 'banner', 'sshExec'])
      );
      assert.ok(retries.every(({ nextTryAt, message }) => nextTryAt instanceof Date && /too busy/.test(message)));
    });
  });

  void test('an identification that does not come is waited for no longer than its deadline, then tried again', async (t) => {
    const proxy = await startProxy({ t, target: sshd, plan: (index) => (index === 0 ? 'silent' : 'forward') });
    const { result } = await exec({ box: config(sshd, { port: proxy.port }) }, 'echo through', {
      timeouts: { banner: '1s' },
      retry: { initialInterval: '1s', maximumInterval: '1s' },
    });
    assert.deepEqual([(result as SshExecResult).attempt, proxy.connections], [2, 2]);
  });

  void test(
    'cancel: the command is gone before the workflow ends as cancelled',
    { skip: dropbearSkipReason() },
    async (t) => {
      const dropbear = await startDropbear({ t });
      const pidFile = join(dropbear.directory, 'pid');
      // It takes its time to end, so that a workflow that does not wait would be seen.
      const command = `trap 'sleep 0.3; echo > ${pidFile}.term; exit 0' TERM; echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; while :; do sleep 0.1; done`;
      const plugins = [new SshPlugin({ hosts: { hosts: { box: config(dropbear) } } })];
      await ground.withWorker({ plugins }, async (queue) => {
        const handle = await ground.start('step', queue, ['box', {}, command, { heartbeatTimeout: '2s' }]);
        let pid = 0;
        await until('the command runs', () => {
          try {
            pid = Number(readFileSync(pidFile, 'utf8'));
          } catch {
            // Not yet.
          }
          return pid > 0;
        });
        await handle.cancel();
        const { error } = await outcomeOf(handle);
        assertGone(pid);
        assert.ok(existsSync(`${pidFile}.term`), 'it was asked to end, and given the time for it');
        assert.ok(error instanceof CancelledFailure, String(error));
        const types = (await eventsOf(handle)).filter((event) => event.activityTaskCanceledEventAttributes);
        assert.equal(types.length, 1, 'the activity itself has ended as cancelled');
      });
    }
  );
});
