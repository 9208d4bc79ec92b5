import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import { entry } from './support/hosts-text';
import { runCli, startCli } from './support/run-cli';

const NO_WORKFLOW =
  'There is no workflow none in the namespace default. The command that started a run printed its id; the Web UI lists them.';

/** A Temporal, a host and a worker; made for all tests of the file, since they take a while. */
async function ground(t: Pick<TestContext, 'after'>) {
  const scratch = makeScratch({ t });
  const temporal = await startTemporal({ t });
  const sshd = await startSshd({ t });
  const web = { ...entry(sshd), jobDirectory: join(scratch.path, 'jobs') };
  const hosts = scratch.write('hosts.json', JSON.stringify({ hosts: { web } }));
  const env = { TEMPORAL_ADDRESS: temporal.address };
  const taskQueue = `cli-${randomUUID()}`;
  const worker = startCli(['worker', '--hosts', hosts, '--task-queue', taskQueue, '--log-format', 'json'], { env, t });
  await worker.saw(/RUNNING/);
  const file = (name: string, steps: readonly object[], more: object = {}): string =>
    scratch.write(`${name}.json`, JSON.stringify({ name, hosts: ['web'], steps, ...more }));
  const start = (path: string, ...args: string[]): string[] => ['run', path, '--task-queue', taskQueue, ...args];
  return { path: scratch.path, env, file, start, client: temporal.client };
}

void describe('temporal-ssh run, watch and the updates', { timeout: 180_000 }, () => {
  const endings: (() => unknown)[] = [];
  const grounds = (): ReturnType<typeof ground> =>
    (made ??= ground({ after: (fn) => void endings.unshift(fn as () => unknown) }));
  let made: ReturnType<typeof ground> | undefined;
  after(async () => {
    for (const end of endings) await end();
  });

  void test('a run to success: a line for each change, exit code 0; --env goes before the file', async (t) => {
    const { file, start, env } = await grounds();
    const path = file('good', [{ name: 'one', exec: 'test "$WHO" = me' }], { env: { WHO: 'file' } });
    const { code, stdout, stderr } = await runCli(start(path, '--env', 'WHO=me'), { env, t });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^started ssh-runbook-good-[-\w]+\n/);
    assert.match(stdout, /\nstep one on web: succeeded\nstep one: succeeded\nrunbook good: succeeded\n$/);
    assert.equal(stderr, '');
  });

  void test('each way to fail has an exit code of its own', async (t) => {
    const { file, start, env, path } = await grounds();
    const fails = { name: 'bad', exec: 'echo at last >&2; exit 3', retry: { maximumAttempts: 1 } };
    const undone = file('undone', [{ name: 'one', exec: 'true', undo: { exec: 'true' } }, fails]);
    const left = file('left', [{ name: 'one', exec: 'true', undo: { exec: 'true' } }, fails], { onFailure: 'stop' });
    const stuck = file('stuck', [{ name: 'one', exec: 'true', undo: { exec: 'exit 4', deadline: '5s' } }, fails]);
    const ends = await Promise.all([undone, left, stuck].map((each) => runCli(start(each), { env, t })));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [80, 81, 82],
      ends.map(({ stderr }) => stderr).join('\n')
    );
    assert.match(ends[0]?.stderr ?? '', /^undone: SshCompensated: .* It began with SshExitStatus\n$/);
    for (const { stdout, stderr } of ends) {
      assert.equal((stdout + stderr).split('ended the command with exit code 3').length, 2, stdout + stderr);
      assert.match(stdout, /\nstep bad on web: failed [^\n]*\n {2}stderr:\n {4}at last\nstep bad: failed\n/);
    }
    assert.match(ends[2]?.stderr ?? '', /\nnot undone: one on web: /);
    assert.ok(existsSync(path));
  });

  void test('--detach prints the id; watch --json tells of the question; approve answers it', async (t) => {
    const { file, start, env } = await grounds();
    const path = file('asks', [{ name: 'go on', approve: 'Shall it?' }]);
    const detached = await runCli(start(path, '--id', 'asks-1', '--detach', '--json'), { env, t });
    assert.deepEqual(
      JSON.parse(detached.stdout),
      { workflowId: 'asks-1', kind: 'runbook', name: 'asks' },
      detached.stderr
    );
    const again = await runCli(start(path, '--id', 'asks-1'), { env, t });
    assert.deepEqual([again.code, /temporal-ssh watch asks-1/.test(again.stderr)], [64, true], again.stderr);

    const plain = startCli(['watch', 'asks-1'], { env, t });
    await plain.saw(/answer: temporal-ssh approve asks-1 --step 'go on' --reason TEXT \[--refuse\]\n/);
    plain.signal('SIGINT');
    assert.equal(await plain.exit, 130);
    assert.match(
      plain.stderr(),
      /Come back: temporal-ssh watch asks-1\nStop it: temporal-ssh abort asks-1 --reason TEXT\n/
    );

    const watch = startCli(['watch', 'asks-1', '--json'], { env, t });
    await watch.saw(/"kind":"approval"/);
    const other = await runCli(['approve', 'asks-1', '--step', 'other', '--reason', 'x'], { env, t });
    assert.deepEqual([other.code, /go on/.test(other.stderr)], [1, true], other.stderr);
    const empty = await runCli(['approve', 'asks-1', '--reason', ' '], { env, t });
    assert.deepEqual([empty.code, /^reason: expected 1 to 500/.test(empty.stderr)], [1, true], empty.stderr);
    const paused = await runCli(['pause', 'asks-1', '--reason', 'wait', '--by', 'ann', '--json'], { env, t });
    const { decisions } = JSON.parse(paused.stdout) as { decisions: readonly { by: string; update: string }[] };
    assert.deepEqual(
      decisions.map(({ by, update }) => [by, update]),
      [['ann', 'pause']]
    );
    assert.equal((await runCli(['resume', 'asks-1', '--reason', 'on'], { env, t })).code, 0);
    const approved = await runCli(['approve', 'asks-1', '--reason', 'yes'], { env, t });
    assert.deepEqual(
      [approved.code, approved.stdout],
      [0, 'approve: accepted by runbook asks; it goes on; watch it: temporal-ssh watch asks-1\n'],
      approved.stderr
    );
    assert.equal(await watch.exit, 0, watch.stderr());
    const lines = watch
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; exitCode?: number });
    assert.deepEqual([lines.at(-1)?.event, lines.at(-1)?.exitCode], ['end', 0]);
    const late = await runCli(['abort', 'asks-1', '--reason', 'late'], { env, t });
    assert.equal(late.code, 1);
    assert.match(late.stderr, /has ended \(completed\): .* See how it ended: temporal-ssh watch asks-1\n$/);
  });

  void test('a run that is aborted or cancelled ends its watcher with a code of its own', async (t) => {
    const { file, start, env, client } = await grounds();
    const path = file('waits', [{ name: 'ask', approve: 'Well?' }]);
    const aborted = startCli(start(path, '--id', 'aborted'), { env, t });
    const cancelled = startCli(start(path, '--id', 'cancelled'), { env, t });
    await Promise.all([aborted.saw(/answer: /), cancelled.saw(/answer: /)]);
    assert.equal((await runCli(['abort', 'aborted', '--no-undo', '--reason', 'no'], { env, t })).code, 0);
    await client.workflow.getHandle('cancelled').cancel();
    assert.deepEqual([await aborted.exit, await cancelled.exit], [84, 83], aborted.stderr() + cancelled.stderr());
  });

  void test('a question about a failed step is answered by resolve', async (t) => {
    const { file, start, env, path } = await grounds();
    const marker = join(path, 'marker');
    const step = { name: 'odd', exec: `test -e ${marker} || { touch ${marker}; exit 7; }`, onFailure: 'ask' };
    const run = startCli(start(file('odd', [{ ...step, retry: { maximumAttempts: 1 } }]), '--id', 'odd'), { env, t });
    await run.saw(/answer: temporal-ssh resolve odd --step odd --host web --reason TEXT --decision \S*retry/);
    const resolved = await runCli(['resolve', 'odd', '--decision', 'retry', '--host', 'web', '--reason', 'again'], {
      env,
      t,
    });
    assert.equal(resolved.code, 0, resolved.stderr);
    assert.equal(await run.exit, 0, run.stdout() + run.stderr());
  });

  void test('an unknown workflow is told as such', async (t) => {
    const { env } = await grounds();
    for (const args of [
      ['watch', 'none'],
      ['pause', 'none', '--reason', 'x'],
    ]) {
      const { code, stderr } = await runCli(args, { env, t });
      assert.deepEqual([code, stderr], [1, `${NO_WORKFLOW}\n`]);
    }
  });
});
