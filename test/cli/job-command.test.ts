import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { SshJobStatus } from '../../contract';
import { job, jobGround } from './support/job-ground';
import { runCli } from './support/run-cli';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const ignored = { cursor: { stdout: 0, stderr: 0 }, onBytes: () => undefined };

void describe('temporal-ssh job', () => {
  it('attaches to a job that was started elsewhere: its output byte for byte, its exit code', async (t) => {
    const { client, run } = await jobGround(t);
    await client.start(job('bin', 'head -c 3000000 /dev/urandom; echo err >&2; exit 7'));
    const { code, bytes, stderr } = await run('attach', 'web', 'bin');
    const { stdoutSha256 } = await client.follow('bin', { ...ignored, sums: true });
    assert.deepEqual([code, bytes.length, stderr], [7, 3_000_000, 'err\n']);
    assert.equal(sha256(bytes), stdoutSha256);
  });

  it('exits with 128+n for a signal, and with 76 for a job that the host does not know', async (t) => {
    const { client, run } = await jobGround(t);
    await client.start(job('killed', 'kill -9 $$'));
    const killed = await run('attach', 'web', 'killed');
    assert.equal(killed.code, 137, killed.stderr);
    const unknown = await run('attach', 'web', 'nothing');
    assert.equal(unknown.code, 76);
    assert.match(unknown.stderr, /^SshJobNotFound: .*Check id, host and become/);
    assert.equal((await run('attach', 'wep', 'killed')).code, 78);
    assert.equal((await run('attach', 'web', '../up')).code, 64);
    assert.equal((await run('attach', 'web')).code, 64);
  });

  it('attaches anew when its connection is cut, and goes on at the byte', async (t) => {
    const { client, proxy, path, start } = await jobGround(t);
    const go = `${path}/go`;
    const wait = (name: string): string => `until [ -e ${go}${name} ]; do sleep 0.05; done`;
    await client.start(job('long', `echo one; ${wait('1')}; echo two; ${wait('2')}; echo three; exit 3`));
    const cli = start('attach', 'cut', 'long');
    await cli.saw(/one\n/);
    proxy.rst();
    writeFileSync(`${go}1`, '');
    await cli.saw(/two\n/);
    proxy.fin();
    writeFileSync(`${go}2`, '');
    assert.equal(await cli.exit, 3, cli.stderr());
    assert.equal(cli.stdout(), 'one\ntwo\nthree\n');
    assert.match(cli.stderr(), /Next try in/);
    assert.ok(proxy.connections >= 3);
  });

  it('loses and repeats nothing of a long output whose connection is cut again and again', async (t) => {
    const { client, proxy, start } = await jobGround(t);
    await client.start(job('much', 'head -c 20000000 /dev/urandom'));
    const { stdoutSha256 } = await client.follow('much', { ...ignored, sums: true });
    proxy.bandwidth = 8_000_000;
    const cli = start('attach', 'cut', 'much', '--quiet');
    for (let cuts = 1; cuts <= 3; cuts += 1) {
      let over = false;
      void cli.exit.then(() => (over = true));
      while (!over && cli.stdoutBytes().length < cuts * 4_000_000) await new Promise(setImmediate);
      proxy.rst();
    }
    assert.equal(await cli.exit, 0, cli.stderr());
    assert.deepEqual([sha256(cli.stdoutBytes()), cli.stderr()], [stdoutSha256, '']);
  });

  it('leaves the job running at Ctrl-C, and says how to come back', async (t) => {
    const { client, start } = await jobGround(t);
    await client.start(job('left', 'echo here; exec sleep 1000'));
    const cli = start('attach', 'web', 'left');
    await cli.saw(/here/);
    cli.signal('SIGINT');
    assert.equal(await cli.exit, 130);
    assert.match(cli.stderr(), /temporal-ssh job attach web left --hosts /);
    assert.equal((await client.status('left')).status.state, 'running');
    await client.cancel('left', { graceMs: 1_000 });
  });

  it('shows logs: a part, one stream, and what comes with -f', async (t) => {
    const { client, path, run, start } = await jobGround(t);
    const go = `${path}/go`;
    await client.start(
      job('log', `echo 0123456789; echo err >&2; until [ -e ${go} ]; do sleep 0.05; done; echo end; exit 5`)
    );
    const cli = start('logs', 'web', 'log', '-f');
    await cli.saw(/789\n/);
    await cli.saw(/err\n/);
    const one = await run('logs', 'web', 'log', '--stream', 'stderr');
    assert.deepEqual([one.code, one.stdout, one.stderr], [0, '', 'err\n']);
    const last = await run('logs', 'web', 'log', '--stream', 'stdout', '--since-byte=-4');
    assert.deepEqual([last.code, last.stdout], [0, '789\n']);
    const followed = start('logs', 'web', 'log', '-f', '--stream', 'stdout', '--since-byte', '8');
    await followed.saw(/89\n/);
    writeFileSync(go, '');
    assert.deepEqual([await cli.exit, cli.stdout(), cli.stderr()], [0, '0123456789\nend\n', 'err\n']);
    assert.deepEqual([await followed.exit, followed.stdout(), followed.stderr()], [0, '89\nend\n', '']);
    assert.equal((await run('logs', 'web', 'nothing')).code, 76);
    assert.equal((await run('logs', 'web', 'nothing', '--since-byte', '5')).code, 76);
  });

  it('shows a job and all jobs, for people and as JSON', async (t) => {
    const { client, run } = await jobGround(t);
    assert.equal((await run('list', 'web')).stdout, 'No jobs.\n');
    await client.run(job('a', 'echo hi; exit 4'), ignored);
    const people = await run('status', 'web', 'a');
    assert.equal(people.code, 0);
    assert.match(people.stdout, /^web a\n {2}state +done .*\n {2}end +exit code 4\n/);
    assert.match(people.stdout, /output +stdout 3 bytes, stderr 0 bytes\n[^]*Next: temporal-ssh job logs web a/);
    const status = JSON.parse((await run('status', 'web', 'a', '--json')).stdout) as SshJobStatus;
    assert.deepEqual([status.state, status.exitCode, status.stdoutBytes], ['done', 4, 3]);
    const absent = await run('status', 'web', 'b');
    assert.equal(absent.code, 1);
    assert.match(absent.stdout, /absent/);
    assert.match((await run('list', 'web')).stdout, /^ID +STATE.*\na +done +exit code 4 /);
    const list = JSON.parse((await run('list', 'web', '--json')).stdout) as SshJobStatus[];
    assert.deepEqual(
      list.map(({ id }) => id),
      ['a']
    );
  });

  it('cancels with proof, and removes what has ended only', async (t) => {
    const { client, run } = await jobGround(t);
    await client.start(job('on', 'sleep 1000 & exec sleep 1000'));
    await client.run(job('over', 'true'), ignored);
    const refused = await run('cleanup', 'web', 'on', 'over');
    assert.equal(refused.code, 1);
    assert.equal(refused.stdout, 'web over: removed\n');
    assert.match(refused.stderr, /^SshJobStillRunning: /);
    const cancelled = await run('cancel', 'web', 'on', '--reason', 'not wanted', '--grace', '1s');
    assert.deepEqual([cancelled.code, cancelled.stdout], [0, 'web on: ended. No process of it is left.\n']);
    assert.match((await run('status', 'web', 'on')).stdout, /asked to end +cancel: not wanted/);
    const attached = await run('attach', 'web', 'on');
    assert.equal(attached.code, 128 + 15);
    assert.match(attached.stderr, /SshJobCancelled/);
    assert.equal((await run('cleanup', 'web', 'on')).code, 0);
    const gone = await run('attach', 'web', 'over');
    assert.equal(gone.code, 0);
    assert.match(gone.stderr, /was cleaned up/);
  });

  it('has an example and the exit codes in each help', async (t) => {
    for (const name of ['start', 'attach', 'status', 'logs', 'cancel', 'list', 'cleanup']) {
      const { code, stdout } = await runCli(['job', name, '--help'], { t });
      assert.equal(code, 0);
      assert.match(stdout, /Examples?:\n +\$ temporal-ssh job [^]*Exit codes: /);
    }
  });
});
