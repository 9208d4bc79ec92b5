import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CommandRunner } from '../../../ssh/files/command-runner';
import { digestScript, hostDigest, hostDigests, parseDigest, parseDigests } from '../../../ssh/files/host-commands';
import { findProgram, requireProgram } from '../../support/find-program';
import { makeScratch } from '../../support/scratch';

const NAMES = [
  'plain',
  'with space',
  `q'uo"te`,
  'line\nfeed',
  '-dash',
  'ümläut',
  'back\\slash',
  '$HOME `id` *',
  '=x!',
  '@1',
];
const SHELLS = ['dash', 'bash', 'busybox', 'mksh', 'zsh', 'tcsh', 'fish'] as const;

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Runs command lines as a server does: by a login shell, in a home. */
function runnerIn(home: string, login: string, path = process.env['PATH'] ?? ''): CommandRunner {
  const args = login === 'busybox' ? ['sh', '-c'] : ['-c'];
  return (command, stdin = '') =>
    new Promise((resolve, reject) => {
      const child = spawn(requireProgram(login), [...args, command], { cwd: home, env: { PATH: path, HOME: home } });
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.resume();
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin);
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode, stdout, stdoutTail: '', stderrTail: '' }));
    });
}

for (const shell of SHELLS) {
  const skip = findProgram(shell) === undefined && `${shell} is not installed`;
  test(`digests of files of any name: login shell ${shell}`, { skip }, async (t) => {
    const { path: home } = makeScratch({ t });
    const runner = runnerIn(home, shell);
    for (const name of NAMES) writeFileSync(join(home, name), name);
    mkdirSync(join(home, 'directory'));
    symlinkSync('/dev/zero', join(home, 'endless'));
    const others = ['directory', 'endless', 'absent', 'nul\0', 'half \ud800'];
    for (const paths of [NAMES, NAMES.map((name) => join(home, name))]) {
      const sums = await hostDigests(runner, [...paths, ...others]);
      assert.deepEqual(
        sums && new Map([...sums].sort()),
        new Map(paths.map((path, at): [string, string] => [path, sha256(NAMES[at] ?? '')]).sort())
      );
      for (const [at, path] of paths.entries()) {
        assert.equal(await hostDigest(runner, path, 3), sha256(Buffer.from(NAMES[at] ?? '').subarray(0, 3)));
        assert.equal(await hostDigest(runner, path, 1_000), sha256(NAMES[at] ?? ''));
      }
    }
    for (const path of others) assert.equal(await hostDigest(runner, path, 3), undefined);
  });
}

test('thousands of files in one request', async (t) => {
  const { path: home } = makeScratch({ t });
  const names = Array.from({ length: 3_000 }, (_, index) => `${'n'.repeat(100)}${index}`);
  for (const name of names) writeFileSync(join(home, name), name);
  let requests = 0;
  const runner = runnerIn(home, 'dash');
  const sums = await hostDigests((...given) => ((requests += 1), runner(...given)), names);
  assert.equal(requests, 1);
  assert.deepEqual(sums, new Map(names.map((name) => [name, sha256(name)])));
});

test('the program is the first that works', async (t) => {
  const { path: home } = makeScratch({ t });
  const bin = join(home, 'bin');
  mkdirSync(bin);
  for (const name of ['sh', 'cat', 'head', 'dd', 'sleep', 'perl']) symlinkSync(requireProgram(name), join(bin, name));
  writeFileSync(join(home, 'file'), 'abc');
  writeFileSync(join(home, 'line\nfeed'), 'abc');
  const runner = runnerIn(home, 'dash', bin);
  const both = async (): Promise<unknown> => {
    const sums = await hostDigests(runner, ['file', 'line\nfeed']);
    return [await hostDigest(runner, 'file', 9), sums?.get('file'), sums?.get('line\nfeed')];
  };
  assert.equal(await hostDigest(runner, 'file', 9), undefined);
  assert.equal(await hostDigests(runner, ['file']), undefined);
  // One that is there, but does not do it.
  writeFileSync(join(bin, 'sha256sum'), '#!/bin/sh\necho nonsense\n', { mode: 0o755 });
  assert.equal(await hostDigests(runner, ['file']), undefined);
  const sum = sha256('abc');
  symlinkSync(requireProgram('openssl'), join(bin, 'openssl'));
  assert.deepEqual(await both(), [sum, sum, sum]);
  rmSync(join(bin, 'openssl'));
  if (findProgram('shasum') === undefined) return;
  symlinkSync(requireProgram('shasum'), join(bin, 'shasum'));
  assert.deepEqual(await both(), [sum, sum, sum]);
});

test('an answer is one only with its nonce, and to its end', () => {
  const [nonce, sum] = ['a'.repeat(32), 'b'.repeat(64)];
  assert.deepEqual(parseDigest(nonce, `noise\n${nonce} sha256 ${sum}  -\n`), { sha256: sum, program: true });
  assert.equal(parseDigest(nonce, `${'c'.repeat(32)} sha256 ${sum}\n`), undefined);
  assert.equal(parseDigest(nonce, `${nonce} sha256 ${sum.slice(1)}\n`), undefined);
  assert.deepEqual(parseDigest(nonce, `${nonce} none\n`), { program: false });
  const answer = `${sum}  ./f\n${nonce} begin\n${sum}  ./f\n@1 ${sum}  -\n${sum}  ./other\n${nonce} end\n${sum}  ./g\n`;
  assert.deepEqual(
    parseDigests(nonce, answer, ['f', 'line\nfeed', 'g']),
    new Map([
      ['f', sum],
      ['line\nfeed', sum],
    ])
  );
  assert.equal(parseDigests(nonce, answer.slice(0, answer.indexOf(`${nonce} end`)), ['f']), undefined);
});

test('a request that is cut anywhere runs nothing of it', async (t) => {
  const { path: home } = makeScratch({ t });
  writeFileSync(join(home, 'file'), 'abc');
  const nonce = 'a'.repeat(32);
  const { command, stdin } = digestScript(nonce, 'file', 3);
  const runner = runnerIn(home, 'dash');
  assert.match((await runner(command, stdin)).stdout, new RegExp(nonce));
  for (let length = 0; length < stdin.length - 1; length += 23) {
    assert.equal((await runner(command, stdin.slice(0, length))).stdout, '');
  }
  // Start-up files have read the first line.
  assert.equal((await runner(command, stdin.slice(stdin.indexOf('\n') + 1))).stdout, '');
});
