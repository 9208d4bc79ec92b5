import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/handles';
import { startSshd } from '../support/sshd';
import { exec, fails, targetOf } from './support/engine';
import { seededRandom } from './support/seeded-random';
import { startWireServer } from './support/wire-server';

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

void test('binary output is exact, and both streams are kept apart', async (t) => {
  const sshd = await startSshd({ t });
  const data = seededRandom(1).bytes(300_000);
  writeFileSync(join(sshd.directory, 'data'), data);
  const command = `cat ${sshd.directory}/data; cat ${sshd.directory}/data >&2; cat ${sshd.directory}/data`;
  const options = { request: { outputEncoding: 'base64', maxOutputBytes: 1024 * 1024 } } as const;
  const result = await assertNothingLeft(() => exec(targetOf(sshd), command, options));
  assert.ok(Buffer.from(result.stdout, 'base64').equals(Buffer.concat([data, data])));
  assert.ok(Buffer.from(result.stderr, 'base64').equals(data));
  assert.deepEqual([result.stdoutBytes, result.stderrBytes], [600_000, 300_000]);
  assert.deepEqual([result.stdoutSha256, result.stderrSha256], [sha256(Buffer.concat([data, data])), sha256(data)]);
  assert.deepEqual([result.truncated, result.invalidUtf8], [false, false]);
});

void test('stdout and stderr in turns, in small pieces', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const command = 'i=0; while [ $i -lt 500 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
  const { stdout, stderr } = await exec(target, command);
  const lines = (word: string): string => Array.from({ length: 500 }, (_, index) => `${word} ${index}\n`).join('');
  assert.equal(stdout, lines('out'));
  assert.equal(stderr, lines('err'));
});

void test('of too much output beginning and end are kept, and the truth about the rest', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const whole = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('');
  const result = await exec(target, 'seq 0 99999', { request: { maxOutputBytes: 1_000 } });
  const left = whole.length - 1_000;
  assert.equal(result.stdout, `${whole.slice(0, 500)}\n[... ${left} bytes left out ...]\n${whole.slice(-500)}`);
  assert.deepEqual([result.stdoutBytes, result.stdoutSha256], [whole.length, sha256(whole)]);
  assert.deepEqual([result.truncated, result.invalidUtf8], [true, false]);
  const binary = await exec(target, 'seq 0 99999', { request: { maxOutputBytes: 1_000, outputEncoding: 'base64' } });
  assert.equal(Buffer.from(binary.stdout, 'base64').toString(), whole.slice(0, 500) + whole.slice(-500));
});

void test('no output is kept, and all of it is counted', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const result = await exec(target, 'echo hello; printf ""', { request: { maxOutputBytes: 0 } });
  assert.equal(result.stdout, '\n[... 6 bytes left out ...]\n');
  assert.deepEqual([result.stdoutBytes, result.stdoutSha256, result.truncated], [6, sha256('hello\n'), true]);
  assert.deepEqual([result.stderr, result.stderrBytes], ['', 0]);
});

void test('characters that packets split, and bytes that are no characters', async (t) => {
  const text = 'a\u00fc\u4e16\u{1f600}'.repeat(50);
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success();
      for (const byte of Buffer.from(text)) wire.data(Buffer.from([byte]));
      wire
        .stderr(Buffer.from([0x61, 0xff, 0xfe, 0x62]))
        .exitStatus(0)
        .eof()
        .close();
    },
  });
  const result = await exec(targetOf(script));
  assert.equal(result.stdout, text);
  assert.equal(result.stderr, 'a\ufffd\ufffdb');
  assert.equal(result.invalidUtf8, true);
});

void test('every byte of both streams arrives, however they are mixed', async (t) => {
  const random = seededRandom(7);
  const script = await startWireServer(t, {
    onExec: (wire, command) => {
      const [out, err] = JSON.parse(command) as [number, number];
      wire.socket.cork();
      // Much of it before the answer and before anybody listens, all of it in as few segments as possible.
      const answerAt = random.below(10);
      for (let piece = 0; piece < 10; piece += 1) {
        if (piece === answerAt) wire.success();
        wire.stderr(Buffer.alloc(err / 10, 'e')).data(Buffer.alloc(out / 10, 'o'));
      }
      wire.exitStatus(0).eof().close().disconnect(11);
      wire.socket.uncork();
      wire.socket.end();
    },
  });
  for (let round = 0; round < 30; round += 1) {
    const [out, err] = [random.below(10) * 1_000, random.below(30) * 10_000];
    const result = await exec(targetOf(script), JSON.stringify([out, err]));
    assert.deepEqual([result.stdoutBytes, result.stderrBytes], [out, err], `round ${round}`);
  }
});

void test('a failure has the ends of both streams, cleaned and cut', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const command = `seq 1 5000; printf '\\033[31mfatal\\n  error\\n' >&2; exit 2`;
  const expected = { type: 'SshExitStatus', stage: 'run', commandMayHaveRun: true } as const;
  const { details, result } = await fails(target, expected, { command });
  assert.match(details.stdoutTail ?? '', / 4999 5000$/);
  assert.ok((details.stdoutTail ?? '').length <= 2_048);
  assert.equal(details.stderrTail, 'fatal error');
  assert.equal(result?.stderr, '\x1b[31mfatal\n  error\n');
  // Kept is less than a tail holds: what is shown must still be the end, not the beginning.
  const small = await fails(target, expected, { command: 'seq 1 5000; exit 2', request: { maxOutputBytes: 40 } });
  assert.equal(small.details.stdoutTail, '4997 4998 4999 5000');
});

void test('the counters are told as they grow', async (t) => {
  const target = targetOf(await startSshd({ t }));
  const seen: (readonly [number, number])[] = [];
  await exec(target, 'echo one; sleep 0.2; echo two >&2', { onOutput: (...counts) => seen.push(counts) });
  assert.deepEqual(seen.at(0), [4, 0]);
  assert.deepEqual(seen.at(-1), [4, 4]);
});

void test('1 GB of output in under 200 MB of memory', async (t) => {
  const sshd = await startSshd({ t });
  const { address, port, user, clientKeyFile, hostFingerprint } = sshd;
  const server = JSON.stringify({ address, port, user, clientKeyFile, hostFingerprint });
  // A process of its own: this one has the memory of all other tests.
  const child = spawn(process.execPath, [join(__dirname, 'support', 'big-output-main.js'), server], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0);
  const { bytes, sha256: hash, maxRssMb } = JSON.parse(output) as { bytes: number; sha256: string; maxRssMb: number };
  assert.equal(bytes, 1_000_000_000);
  const zeros = createHash('sha256');
  for (let done = 0; done < 1_000; done += 1) zeros.update(Buffer.alloc(1_000_000));
  assert.equal(hash, zeros.digest('hex'));
  assert.ok(maxRssMb < 200, `${maxRssMb} MB`);
});
