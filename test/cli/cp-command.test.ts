import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SshSyncResult, SshTransferResult } from '../../contract';
import type { RealServer } from '../support/real-server';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import type { RealTemporal } from '../support/temporal';
import { hostsText } from './support/hosts-text';
import { runCli, startCli } from './support/run-cli';
import type { RunningCli } from './support/run-cli';

interface Printed {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly workflowId: string;
  readonly result?: SshTransferResult & SshSyncResult;
  readonly failure?: { readonly type: string; readonly message: string };
}

describe('temporal-ssh cp', () => {
  const scratch = makeScratch();
  const [root, remote] = [join(scratch.path, 'root'), join(scratch.path, 'remote')];
  let temporal: RealTemporal;
  let sshd: RealServer;
  let worker: RunningCli;
  let env: NodeJS.ProcessEnv;
  const taskQueue = `cp-${randomUUID()}`;
  const run = (...args: string[]): ReturnType<typeof runCli> =>
    runCli(['cp', '--task-queue', taskQueue, ...args], { env });
  const printed = async (...args: string[]): Promise<Printed> =>
    JSON.parse((await run(...args, '--json')).stdout) as Printed;

  before(async () => {
    mkdirSync(join(root, 'site', 'sub'), { recursive: true });
    mkdirSync(remote);
    temporal = await startTemporal();
    sshd = await startSshd();
    env = { TEMPORAL_ADDRESS: temporal.address };
    const hosts = scratch.write('hosts.json', hostsText({ web: sshd }));
    const roots = ['--root', `files=${root}:rw`, '--root', `fixed=${root}`];
    worker = startCli(['worker', '--hosts', hosts, '--task-queue', taskQueue, '--log-format', 'json', ...roots], {
      env,
    });
    await worker.saw(/RUNNING/);
  });
  after(async () => {
    worker.signal('SIGTERM');
    assert.equal(await worker.exit, 0, worker.stderr());
    await temporal.stop();
    await sshd.stop();
    scratch.remove();
  });

  it('brings a file of a root up, and the same one not again', async () => {
    const content = randomBytes(300_000);
    writeFileSync(join(root, 'app.bin'), content);
    const { code, stdout, stderr } = await run('@files/app.bin', `web:${remote}/`, '--mode', '0640');
    assert.deepEqual(
      [code, /sha256 ([0-9a-f]+)/.exec(stdout)?.[1]],
      [0, createHash('sha256').update(content).digest('hex')],
      stderr
    );
    assert.deepEqual(readFileSync(join(remote, 'app.bin')), content);
    assert.equal(statSync(join(remote, 'app.bin')).mode & 0o777, 0o640);
    const again = await run('@files/app.bin', `web:${remote}/app.bin`);
    assert.match(again.stdout, /300 kB; unchanged/);
  });

  it('brings a file down to a root, and not to this machine', async () => {
    writeFileSync(join(remote, 'log'), 'lines\n');
    assert.equal((await run(`web:${remote}/log`, '@files/logs/')).code, 0);
    assert.equal(readFileSync(join(root, 'logs', 'log'), 'utf8'), 'lines\n');
    const here = await run(`web:${remote}/log`, './log');
    assert.equal(here.code, 64);
    assert.match(here.stderr, /--root NAME=DIRECTORY:rw/);
    const fixed = await printed(`web:${remote}/log`, '@fixed/log');
    assert.deepEqual([fixed.exitCode, fixed.failure?.type], [78, 'SshTransferNotAllowed']);
  });

  it('sends a small file of this machine as content, text or not, and none that is larger', async () => {
    const text = scratch.write('motd', 'grüß dich\n');
    assert.equal((await run(text, `web:${remote}/motd`)).code, 0);
    assert.equal(readFileSync(join(remote, 'motd'), 'utf8'), 'grüß dich\n');
    const bytes = Buffer.from([0, 255, 254, 10]);
    assert.equal((await run(scratch.write('bytes', bytes), `web:${remote}/new/bytes`, '--make-directories')).code, 0);
    assert.deepEqual(readFileSync(join(remote, 'new', 'bytes')), bytes);
    const large = await run(scratch.write('large', Buffer.alloc(256 * 1024 + 1)), `web:${remote}/large`);
    assert.equal(large.code, 64);
    assert.match(large.stderr, /262145 bytes; .*--root NAME=DIRECTORY/);
  });

  it('makes a directory like another', async () => {
    writeFileSync(join(root, 'site', 'index.html'), 'a');
    writeFileSync(join(root, 'site', 'sub', 'b.html'), 'b');
    const dry = await run('-r', '@files/site', `web:${remote}/www`, '--dry-run');
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /\+ ?index\.html/);
    assert.throws(() => statSync(join(remote, 'www')));
    const { result } = await printed('-r', '@files/site', `web:${remote}/www`);
    assert.deepEqual([result?.files, result?.created], [2, 2]);
    assert.equal(readFileSync(join(remote, 'www', 'sub', 'b.html'), 'utf8'), 'b');
  });

  it('failures: their type, and the exit code', async () => {
    const refused = await printed(
      '@files/app.bin',
      `web:${remote}/app.bin`,
      '--validate',
      'test ! -e {}',
      '--sha256',
      '0'.repeat(64)
    );
    assert.deepEqual([refused.ok, refused.exitCode, refused.failure?.type], [false, 76, 'SshTransferChecksumMismatch']);
    const missing = await run('@files/none', `web:${remote}/none`);
    assert.match(missing.stderr, /SshTransferSourceNotFound: /);
    assert.equal(missing.code, 78);
    for (const [args, said] of [
      [['a', 'b'], /One side is a host/],
      [['@files/x', `web:${remote}/x`, '--delete'], /--delete cannot be used without --sync/],
      [['-r', 'site', `web:${remote}/x`], /@ROOT\/PATH as SOURCE/],
      [['@files/x', `web:${remote}/x`, '--mode', '999'], /mode: expected permissions/],
      [['https://example.com/x', `web:${remote}/x`], /--sha256/],
    ] as const) {
      const wrong = await run(...args);
      assert.equal(wrong.code, 64, wrong.stderr);
      assert.match(wrong.stderr, said);
    }
  });

  it('Ctrl-C ends it as cancelled, and nothing is left', async () => {
    writeFileSync(join(root, 'conf'), 'x');
    const going = startCli(
      [
        'cp',
        '--task-queue',
        taskQueue,
        '@files/conf',
        `web:${remote}/conf`,
        '--validate',
        `touch ${remote}/begun; sleep 300; : {}`,
      ],
      { env }
    );
    await untilThere(join(remote, 'begun'));
    going.signal('SIGINT');
    assert.equal(await going.exit, 130, going.stderr());
    assert.match(going.stderr(), /Cancelled: /);
    assert.throws(() => statSync(join(remote, 'conf')));
  });
});

async function untilThere(path: string): Promise<void> {
  for (let left = 600; left > 0; left -= 1) {
    if (statSync(path, { throwIfNoEntry: false })) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${path} did not come`);
}
