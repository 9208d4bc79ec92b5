import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SshExecResult } from '../../contract';
import { freePort } from '../support/free-port';
import type { RealServer } from '../support/real-server';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import type { RealTemporal } from '../support/temporal';
import { entry, hostsText } from './support/hosts-text';
import { runCli, startCli } from './support/run-cli';
import type { RunningCli } from './support/run-cli';

interface Printed {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly workflowId: string;
  readonly result?: SshExecResult;
  readonly failure?: { readonly type: string; readonly details: Partial<SshExecResult> };
}

describe('temporal-ssh exec and worker', () => {
  const scratch = makeScratch();
  let temporal: RealTemporal;
  let sshd: RealServer;
  let worker: RunningCli;
  let env: NodeJS.ProcessEnv;
  const taskQueue = `cli-${randomUUID()}`;
  const run = (...args: string[]): ReturnType<typeof runCli> =>
    runCli(['exec', '--task-queue', taskQueue, ...args], { env });

  before(async () => {
    temporal = await startTemporal();
    sshd = await startSshd();
    env = { TEMPORAL_ADDRESS: temporal.address };
    const down = { ...entry(sshd), port: await freePort() };
    const hosts = scratch.write('hosts.json', hostsText({ web: sshd }, { down }));
    worker = startCli(['worker', '--hosts', hosts, '--task-queue', taskQueue, '--log-format', 'json'], { env });
    await worker.saw(/RUNNING/);
  });
  after(async () => {
    worker.signal('SIGTERM');
    assert.equal(await worker.exit, 0, worker.stderr());
    await temporal.stop();
    await sshd.stop();
    scratch.remove();
  });

  it("prints the command's output and exits with its exit code", async () => {
    const { code, stdout, stderr } = await run('web', '--', 'echo out; echo err >&2; exit 7');
    assert.deepEqual([code, stdout, stderr], [7, 'out\n', 'err\n']);
  });

  it('quotes several arguments and leaves one alone', async () => {
    assert.equal((await run('web', '--', 'printf', '%s|', 'a b', '$HOME', "it's")).stdout, "a b|$HOME|it's|");
    assert.equal((await run('web', '--', 'printf "%s" "$((1+1))"')).stdout, '2');
  });

  it('hands on binary output byte for byte, and says when it did not keep all', async () => {
    const bytes = randomBytes(200_000);
    const file = join(scratch.path, 'bytes');
    writeFileSync(file, bytes);
    assert.ok((await run('web', '--', 'cat', file)).bytes.equals(bytes));
    const cut = await run('web', '--max-output-bytes', '1000', '--', 'cat', file);
    assert.equal(cut.bytes.length, 1000);
    assert.match(cut.stderr, /stdout: 1000 of 200000 bytes were kept/);
  });

  it('passes options on', async () => {
    const options = ['--env', 'A=x y', '--cwd', '/', '--ok-exit-codes', '0,3', '--timeout', 'run=20s', '--idempotent'];
    const { code, stdout } = await run('web', ...options, '--', 'echo "$A"; pwd; exit 3');
    assert.deepEqual([code, stdout], [3, 'x y\n/\n']);
    const piped = await runCli(['exec', '--task-queue', taskQueue, '--stdin', 'web', '--', 'wc', '-c'], {
      env,
      stdin: 'abcde',
    });
    assert.equal(piped.stdout.trim(), '5');
  });

  it('prints one JSON object with --json', async () => {
    const good = JSON.parse((await run('web', '--json', '--', 'echo hi')).stdout) as Printed;
    assert.deepEqual([good.ok, good.exitCode, good.result?.stdout], [true, 0, 'hi\n']);
    const { code, stdout } = await run('web', '--json', '--', 'kill -9 $$');
    const bad = JSON.parse(stdout) as Printed;
    assert.equal(code, 128 + 9);
    assert.deepEqual([bad.ok, bad.exitCode, bad.failure?.type], [false, 137, 'SshExitSignal']);
  });

  it('tells of retries, and ends with 75 when the deadline passes', async () => {
    const { code, stderr } = await run('down', '--deadline', '2s', '--', 'true');
    assert.equal(code, 75);
    assert.match(stderr, /SshConnectRefused/);
  });

  it('ends with 78 for an unknown host and bad options, with 64 for a wrong command line', async () => {
    assert.equal((await run('nope', '--', 'true')).code, 78);
    assert.equal((await run('web', '--', ' ')).code, 78);
    assert.equal((await run('web')).code, 64);
    assert.equal((await run('web', '--deadline', '10 minuts', '--', 'true')).code, 64);
  });

  it('ends with 79 when nobody knows how the command ended', async () => {
    const { code, stderr } = await run('web', '--timeout', 'run=300ms', '--', 'sleep 20');
    assert.equal(code, 79);
    assert.match(stderr, /SshOutcomeUnknown/);
  });

  it('cancels at Ctrl-C and ends with 130', async () => {
    const marker = randomUUID();
    const cli = startCli(['exec', '--task-queue', taskQueue, 'web', '--workflow-id', marker, '--', 'sleep 60'], {
      env,
    });
    const handle = temporal.client.workflow.getHandle(marker);
    // The command is under way once the heartbeat says so.
    for (let phase = ''; phase !== 'run';) {
      const data = (await handle.describe().catch(() => undefined))?.raw.pendingActivities?.[0]?.heartbeatDetails
        ?.payloads?.[0]?.data;
      phase = data ? (JSON.parse(Buffer.from(data).toString()) as { phase: string }).phase : '';
    }
    cli.signal('SIGINT');
    assert.equal(await cli.exit, 130, cli.stderr());
    assert.match(cli.stderr(), /Cancelling .*\n.*Cancelled: /s);
    assert.equal((await handle.describe()).status.name, 'CANCELLED');
  });

  it('says that no worker polls the task queue', async (t) => {
    const cli = startCli(['exec', '--task-queue', `none-${randomUUID()}`, '--deadline', '30s', 'web', '--', 'true'], {
      env,
      t,
    });
    await cli.saw(/No worker polls the task queue none-.*temporal-ssh worker/);
  });

  it('ends with 69 where no Temporal server answers, and says what to do', async (t) => {
    const address = `127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runCli(['exec', 'web', '--', 'true'], { t, env: { TEMPORAL_ADDRESS: address } });
    assert.equal(code, 69);
    assert.match(stderr, new RegExp(`No Temporal server answers at ${address}.*temporal-ssh dev.*TEMPORAL_ADDRESS`));
  });

  it('refuses a second run with the same id', async (t) => {
    const id = randomUUID();
    const first = startCli(['exec', '--task-queue', taskQueue, '--workflow-id', id, 'down', '--', 'true'], { env, t });
    await first.saw(/next try/);
    const { code, stderr } = await run('--workflow-id', id, 'web', '--', 'true');
    assert.equal(code, 64);
    assert.match(stderr, /runs already/);
    await temporal.client.workflow.getHandle(id).terminate();
  });

  it('does not start a worker with a bad hosts file, and lists everything that is wrong', async (t) => {
    const hosts = makeScratch({ t }).write('hosts.yaml', 'hosts:\n  a: { port: x }\n  b: { address: 1 }\n');
    const { code, stderr } = await runCli(['worker', '--hosts', hosts], { t, env });
    assert.equal(code, 78);
    assert.match(stderr, /hosts\.yaml:2:\d+: hosts\.a\.port/);
    assert.match(stderr, /hosts\.yaml:3:\d+: hosts\.b\.address/);
  });
});
