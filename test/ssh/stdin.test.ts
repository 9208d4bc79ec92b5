import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/handles';
import { startSshd } from '../support/sshd';
import { exec, fails, targetOf } from './support/engine';

const KIB_512 = 512 * 1024;

void test('stdin arrives byte by byte, and then ends', async (t) => {
  const target = targetOf(await startSshd({ t }));
  assert.equal((await exec(target, 'cat; echo end')).stdout, 'end\n');
  assert.equal((await exec(target, 'cat; echo end', { request: { stdin: '' } })).stdout, 'end\n');
  const stdin = 'Grüße, 世界 \u{1f600}\n\0\r\nlast';
  const result = await exec(target, 'cat', { request: { stdin } });
  assert.equal(result.stdout, stdin);
  assert.equal(result.stdoutBytes, Buffer.byteLength(stdin));
});

void test('512 KiB of stdin', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const stdin = 'x'.repeat(KIB_512 - 1) + '\n';
  const sha256 = createHash('sha256').update(stdin).digest('hex');
  const counted = await assertNothingLeft(() => exec(target, 'sha256sum', { request: { stdin } }));
  assert.equal(counted.stdout, `${sha256}  -\n`);
  const echoed = await exec(target, 'cat', { request: { stdin, maxOutputBytes: 1024 * 1024 } });
  assert.deepEqual([echoed.stdoutSha256, echoed.stdout === stdin], [sha256, true]);
});

void test('a slow reader gets all of it', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const stdin = 'y'.repeat(KIB_512);
  assert.equal((await exec(target, 'sleep 1; wc -c', { request: { stdin } })).stdout.trim(), String(KIB_512));
});

void test('a command that does not read its stdin, and ends', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const stdin = 'z'.repeat(KIB_512);
  for (let round = 0; round < 5; round += 1) {
    const result = await assertNothingLeft(() => exec(target, 'echo done', { request: { stdin } }));
    assert.equal(result.stdout, 'done\n');
  }
  const ran = { type: 'SshExitStatus', stage: 'run', commandMayHaveRun: true } as const;
  const error = await fails(target, ran, { command: 'exec <&-; exit 7', request: { stdin } });
  assert.equal(error.details.exitCode, 7);
});

void test('a pty passes stdin on too', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const { stdout } = await exec(target, 'read -r line; echo "got $line"', { request: { pty: true, stdin: 'it\n' } });
  assert.match(stdout, /got it\r\n$/);
});
