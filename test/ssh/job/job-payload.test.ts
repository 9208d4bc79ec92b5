import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { exportLines, jobCommand, jobPayload } from '../../../ssh/job/job-payload';
import { findProgram } from '../../support/find-program';
import { makeScratch } from '../../support/scratch';

const SHELLS = ['dash', 'bash', 'mksh', 'busybox'].flatMap((name) => {
  const file = findProgram(name);
  return file === undefined ? [] : [name === 'busybox' ? [file, 'sh'] : [file]];
});

/** As the remote command does it, with another shell in the place of `/bin/sh`. */
function evaluate([file = '', ...args]: readonly string[], payload: string, cwd = '/'): string {
  const { stdout } = spawnSync(file, [...args, '-c', 'eval "$(cat)"'], { input: payload, encoding: 'utf8', cwd });
  return stdout;
}

const NASTY = `it's "quoted" $HOME \`id\` \\ \\n\n\n  spaces  \t!\n'\n`;

void test('values arrive as they are', () => {
  const script = `tssh_main() { printf '%s|' "$tssh_a" "$tssh_b" "$tssh_c"; eval "$tssh_env"; printf %s "$N"; }\n`;
  const payload = jobPayload('web-1', { a: NASTY, b: 12, c: undefined, env: exportLines({ N: NASTY }) }, script);
  for (const shell of SHELLS) assert.equal(evaluate(shell, payload), `${NASTY}|12||${NASTY}`, shell[0]);
});

void test('a payload that is cut anywhere runs nothing', (t) => {
  const { path } = makeScratch({ t });
  const payload = jobPayload('web-1', { a: `it's\n` }, `tssh_main() {\n  : >ran\n  echo 'ran'\n}\n`);
  for (const shell of SHELLS) {
    // Without the last line's newline it is whole.
    for (let at = 0; at < payload.length - 1; at += 1) {
      assert.equal(evaluate(shell, payload.slice(0, at), path), '', `${shell[0] ?? ''} at ${at}`);
      assert.ok(!existsSync(`${path}/ran`));
    }
  }
  for (const shell of SHELLS) assert.equal(evaluate(shell, payload, path), 'ran\n');
});

void test('a payload of which something was read before runs nothing', (t) => {
  const { path } = makeScratch({ t });
  // Without its quotes the script would be run line by line.
  const script = jobPayload('web-1', { a: '\n: >ran\n: >ran\n' }, `tssh_main() {\n  : >ran\n  echo 'ran'\n}\n`);
  const payload = `0123abcd\n${script}`;
  const command = jobCommand('0123abcd').replace(/^exec .bin.sh -c '(.*)'$/, '$1');
  for (const [file = '', ...args] of SHELLS) {
    const run = (input: string): string =>
      spawnSync(file, [...args, '-c', command], { input, encoding: 'utf8', cwd: path }).stdout;
    for (let at = 1; at < payload.length; at += 1) {
      assert.equal(run(payload.slice(at)), '', `${file} at ${at}`);
      assert.ok(!existsSync(`${path}/ran`), `${file} at ${at}`);
    }
    assert.equal(run(payload), '\nran\n');
    rmSync(`${path}/ran`);
  }
});

void test('a NUL character is refused', () => {
  const refused = { type: 'SshInvalidOptions', message: /web-1: .* in its stdin/ };
  assert.throws(() => jobPayload('web-1', { stdin: 'a\0b' }, ''), refused);
});
