import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { commandLine, isEnvName, quoteArgument, remoteCommand, utf8Bytes } from '../../contract';
import { findProgram } from '../support/find-program';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { exec, targetOf } from '../ssh/support/engine';
import { seededRandom } from '../ssh/support/seeded-random';

const CHARACTERS = [
  ...[
    'a',
    'Z',
    '0',
    '_',
    ' ',
    '  ',
    '\t',
    '\n',
    '\r',
    "'",
    '"',
    '`',
    '$',
    '\\',
    '!',
    '*',
    '?',
    '[',
    ']',
    '{',
    '}',
    '(',
    ')',
  ],
  ...[
    '<',
    '>',
    '|',
    '&',
    ';',
    '#',
    '~',
    '=',
    '%',
    '^',
    '-',
    '--',
    '/',
    '.',
    'ü',
    '世',
    '\u{1f600}',
    '\x01',
    '\x7f',
    '$(id)',
    '$HOME',
  ],
] as const;

/** Prints each of its arguments, followed by NUL. */
const PRINT = 'for a in "$@"; do printf \'%s\\0\' "$a"; done';

function someArguments(seed: number, count: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: random.below(6) }, () => random.pick(CHARACTERS)).join('')
  );
}

// The shells that are installed; each reads a quoted list the same way.
const SHELLS = ['sh', 'bash', 'dash', 'zsh', 'mksh', 'ksh', 'busybox'].filter(
  (name) => findProgram(name) !== undefined
);

for (const shell of SHELLS) {
  void test(`${shell} takes a list for exactly its arguments`, () => {
    const args = someArguments(5, 400);
    const line = commandLine(['sh', '-c', PRINT, 'sh', ...args]);
    const output = execFileSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', line], { encoding: 'utf8' });
    assert.deepEqual(output.split('\0').slice(0, -1), args);
  });
}

void test('a word that no shell would touch stays as it is', () => {
  assert.equal(commandLine(['systemctl', 'restart', 'app@1.service']), 'systemctl restart app@1.service');
  assert.equal(quoteArgument(''), "''");
  assert.equal(quoteArgument("it's"), `'it'"'"'s'`);
  assert.equal(commandLine('echo $HOME | cat'), 'echo $HOME | cat');
});

void test('the length of a text in UTF-8', () => {
  for (const text of ['', 'abc', 'ü', '世界', '\u{1f600}', ...someArguments(6, 200), '\ud800', 'a\udc00b']) {
    assert.equal(utf8Bytes(text), Buffer.byteLength(text), JSON.stringify(text));
  }
});

void test('names of environment variables', () => {
  for (const name of ['A', '_', 'PATH', 'a_1']) assert.ok(isEnvName(name), name);
  for (const name of ['', '1A', 'A-B', 'A=B', 'A B', 'Ä', 'A\n', 'A;B', '$A']) assert.ok(!isEnvName(name), name);
});

/** What a login shell makes of the command, as sshd starts it. */
function run(shell: string, line: string): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(shell, ['-c', line], { encoding: 'utf8', env: { PATH: process.env['PATH'], OUTER: 'outer' } });
}

function directory(t: TestContext, name: string): string {
  const path = join(makeScratch({ t }).path, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const LOGIN_SHELLS = [...SHELLS, 'fish', 'tcsh', 'csh'].filter(
  (name) => name !== 'busybox' && findProgram(name) !== undefined
);

for (const shell of LOGIN_SHELLS) {
  void test(`env and cwd under ${shell}`, (t) => {
    // C shells take neither a newline nor an exclamation mark in quotes: not even a list of arguments passes there.
    const isC = shell.endsWith('csh');
    const cwd = directory(t, isC ? "it's a $dir" : "it's a\n$dir !");
    const env = { A: "a 'quoted' $value", EMPTY: '', WORD: 'x=y', ...(isC ? {} : { LINES_: 'one\ntwo !' }) };
    const command = `printf '%s\\0' "$PWD" "$A" "$EMPTY" "$WORD" "$LINES_" "$OUTER"; exit 7`;
    const { status, stdout } = run(shell, remoteCommand({ command, env, cwd }));
    const expected = [cwd, env.A, '', 'x=y', isC ? '' : 'one\ntwo !', 'outer', ''];
    assert.deepEqual([status, stdout.split('\0')], [7, expected]);
  });
}

void test('a directory that cannot be entered is exit code 126, and nothing runs', (t) => {
  const missing = join(directory(t, 'here'), 'gone');
  const { status, stdout } = run('sh', remoteCommand({ command: 'echo ran', cwd: missing }));
  assert.deepEqual([status, stdout], [126, '']);
});

void test('a directory that begins with a dash', (t) => {
  const parent = directory(t, 'parent');
  for (const name of ['-', '-P', '--']) {
    mkdirSync(join(parent, name));
    const inside = remoteCommand({ command: 'pwd', cwd: name });
    assert.equal(run('sh', `cd ${quoteArgument(parent)}; ${inside}`).stdout, `${join(parent, name)}\n`);
  }
});

void test('CDPATH of the host does not lead elsewhere', (t) => {
  const [home, other] = [directory(t, 'home'), directory(t, 'other')];
  mkdirSync(join(home, 'app'));
  mkdirSync(join(other, 'app'));
  const inside = remoteCommand({ command: 'pwd', cwd: 'app' });
  const { stdout } = run('sh', `CDPATH=${quoteArgument(other)}; export CDPATH; cd ${quoteArgument(home)}; ${inside}`);
  assert.equal(stdout, `${join(home, 'app')}\n`);
});

void test('a list of arguments, variables and a directory at once', (t) => {
  const cwd = directory(t, 'work');
  const command = ['sh', '-c', PRINT, 'sh', ...someArguments(8, 50)];
  const { stdout } = run('sh', remoteCommand({ command, env: { A: '1' }, cwd }));
  assert.deepEqual(stdout.split('\0').slice(0, -1), command.slice(4));
});

void test('the command is the end: its exit code and signals are those of the whole', (t) => {
  const cwd = directory(t, 'work');
  assert.equal(run('sh', remoteCommand({ command: 'exit 3', cwd })).status, 3);
  assert.equal(run('sh', remoteCommand({ command: 'false', env: { A: '1' } })).status, 1);
  const killed = spawnSync('sh', ['-c', remoteCommand({ command: 'kill -KILL $$', cwd })]);
  assert.equal(killed.signal, 'SIGKILL');
});

void test('the same through a real sshd', async (t) => {
  const sshd = await startSshd({ t });
  const cwd = join(sshd.directory, "it's here");
  mkdirSync(cwd);
  const command = remoteCommand({ command: 'echo "$PWD: $A"', env: { A: 'ü "x" $y' }, cwd });
  assert.equal((await exec(targetOf(sshd), command)).stdout, `${cwd}: ü "x" $y\n`);
});
