import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { MAX_RESULT_BYTES } from '../../contract';
import type { SshExecResult } from '../../contract';
import { hostConfig } from '../activities/mock-step';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { eventsOf, noTemporal, outcomeOf, useGround } from './ground';
import { startWorkerProcess } from './worker-process';
import type { WorkerProcess } from './worker-process';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;

/** Temporal's limit for a payload, over which a result is lost after its command has run. */
const BLOB_LIMIT = 2 * MEBIBYTE;

void describe('output of any size and kind', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  const scratch = makeScratch();
  const taskQueue = 'output';
  let sshd: RealSshd;
  let worker: WorkerProcess;
  before(async () => {
    sshd = await startSshd();
    const box = hostConfig(sshd, { user: sshd.user });
    worker = await startWorkerProcess({
      address: ground.temporal.address,
      taskQueue,
      codePath: scratch.write('bundle.js', ground.workflowBundle.code),
      hosts: scratch.write('hosts.json', JSON.stringify({ hosts: { box } })),
    });
  });
  after(async () => {
    await worker.stop();
    await sshd.stop();
    scratch.remove();
  });

  /** The result of a command, which must have come through Temporal with room for what a codec adds. */
  async function run(command: string, options: object = {}): Promise<SshExecResult> {
    const handle = await ground.start('step', taskQueue, ['box', {}, command, options], 100);
    const { result, error } = await outcomeOf(handle);
    assert.equal(error, undefined, error?.message);
    const completed = (await eventsOf(handle)).find((event) => event.activityTaskCompletedEventAttributes);
    const payload = completed?.activityTaskCompletedEventAttributes?.result?.payloads?.[0];
    const bytes = payload?.data?.length ?? Infinity;
    assert.ok(bytes <= MAX_RESULT_BYTES && bytes < BLOB_LIMIT, `${bytes} bytes`);
    return result as SshExecResult;
  }

  void test('1 GiB: counted, hashed, cut, within bounded memory', async () => {
    await run('true');
    const before = worker.peakMemory();
    const result = await run(`head -c ${GIBIBYTE} /dev/zero; echo over >&2`);
    assert.deepEqual([result.exitCode, result.stdoutBytes, result.truncated], [0, GIBIBYTE, true]);
    const hash = createHash('sha256');
    const block = Buffer.alloc(MEBIBYTE);
    for (let at = 0; at < GIBIBYTE; at += MEBIBYTE) hash.update(block);
    assert.equal(result.stdoutSha256, hash.digest('hex'));
    assert.equal(result.stderr, 'over\n');
    const [, leftOut] = /\[\.\.\. (\d+) bytes left out \.\.\.\]/.exec(result.stdout) ?? [];
    assert.equal(Number(leftOut), GIBIBYTE - 64 * 1024);
    const peak = worker.peakMemory();
    const figures = `${Math.round(before / MEBIBYTE)} MiB before, ${Math.round(peak / MEBIBYTE)} MiB at most`;
    // Node 24 frees receive buffers later than Node 20 does; kept output would be a whole GiB.
    assert.ok(peak - before < 192 * MEBIBYTE, figures);
  });

  void test('64 KiB of what grows in JSON comes whole', async () => {
    for (const [byte, text] of [
      ['\\000', '\0'],
      ['\\001', '\u0001'],
      ['\\\\\\\\', '\\'],
      ['"', '"'],
    ] as const) {
      const result = await run(`head -c 65536 /dev/zero | tr '\\000' '${byte}'`);
      assert.deepEqual([result.stdoutBytes, result.truncated, result.invalidUtf8], [65_536, false, false]);
      assert.equal(result.stdout, text.repeat(65_536));
    }
  });

  void test('1 MiB of random bytes returns, as text and byte for byte', async () => {
    const options = { maxOutputBytes: MEBIBYTE };
    const text = await run(`head -c ${MEBIBYTE} /dev/urandom`, options);
    assert.deepEqual([text.stdoutBytes, text.invalidUtf8], [MEBIBYTE, true]);
    const bytes = await run(`head -c ${MEBIBYTE} /dev/urandom`, { ...options, outputEncoding: 'base64' });
    const whole = Buffer.from(bytes.stdout, 'base64');
    assert.deepEqual([whole.length, bytes.truncated], [MEBIBYTE, false]);
    assert.equal(createHash('sha256').update(whole).digest('hex'), bytes.stdoutSha256);
  });

  void test('1 MiB in each stream, growing sixfold: cut until it fits, and says so', async () => {
    const options = { maxOutputBytes: MEBIBYTE };
    const result = await run(`head -c ${MEBIBYTE} /dev/zero; head -c ${MEBIBYTE} /dev/zero >&2`, options);
    assert.deepEqual([result.exitCode, result.stdoutBytes, result.stderrBytes], [0, MEBIBYTE, MEBIBYTE]);
    assert.equal(result.truncated, true);
    assert.match(result.stdout + result.stderr, /left out to fit/);
  });
});
