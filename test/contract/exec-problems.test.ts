import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import {
  EXEC_FIELDS,
  MAX_COMMAND_BYTES,
  MAX_ENV_BYTES,
  MAX_OUTPUT_BYTES,
  MAX_STDIN_BYTES,
  describeProblems,
  execProblems,
} from '../../contract';

const SECRET = 'hunter2-secret';
const MIB = 'x'.repeat(1024 * 1024);

/** One bad input, the option that it is about, and what is said to have been found. */
type Case = readonly [name: string, input: Record<string, unknown>, option: string, found: RegExp];

const CASES: readonly Case[] = [
  ['no host', { host: undefined }, 'host', /^nothing$/],
  ['an empty host', { host: '' }, 'host', /^an empty string$/],
  ['a host of another kind', { host: 5 }, 'host', /^the number 5$/],
  ['no command', { command: undefined }, 'command', /^undefined$|^nothing$/],
  ['an empty command', { command: '' }, 'command', /^an empty command$/],
  ['a blank command', { command: ' \n\t' }, 'command', /^an empty command$/],
  ['an empty list', { command: [] }, 'command', /^an empty list$/],
  ['a list without a program', { command: ['', 'x'] }, 'command', /^an empty string$/],
  ['a list with something else', { command: ['a', SECRET, 5] }, 'command', /item 2 is no string/],
  ['a command of another kind', { command: { run: SECRET } }, 'command', /^object$|^an object$/],
  ['null for a command', { command: null }, 'command', /^null$/],
  ['a command with NUL', { command: `${SECRET}\0` }, 'command', /^NUL at character 14$/],
  ['an argument with NUL', { command: ['echo', `${SECRET}\0`] }, 'command', /^NUL at character/],
  ['a command of 1 MiB', { command: MIB }, 'command', /^1048576 bytes$/],
  ['a command just too long', { command: 'ü'.repeat(MAX_COMMAND_BYTES / 2) + 'x' }, 'command', /^122881 bytes$/],
  ['a variable without a name', { env: { '': SECRET } }, 'env.""', /^""$/],
  ['a variable with a digit first', { env: { '1A': SECRET } }, 'env."1A"', /^"1A"$/],
  ['a variable that is a command', { env: { 'A=$(id)': SECRET } }, 'env."A=$(id)"', /id/],
  ['a variable that is no string', { env: { A: { deep: SECRET } } }, 'env.A', /^a object$|^an object$/],
  ['a variable that is null', { env: { A: null } }, 'env.A', /^null$/],
  ['a variable with NUL', { env: { A: `${SECRET}\0` } }, 'env.A', /^a string with NUL$/],
  ['variables of 1 MiB', { env: { A: MIB } }, 'env', /^\d+ bytes$/],
  ['variables just too long', { env: { A: 'x'.repeat(MAX_ENV_BYTES - 2) } }, 'env', /^65537 bytes$/],
  ['a list of variables', { env: [SECRET] }, 'env', /^a list of 1$/],
  ['a bad duration', { timeouts: { banner: 'soon' } }, 'timeouts.banner', /^"soon"$/],
  ['a negative duration', { timeouts: { run: -5 } }, 'timeouts.run', /^the number -5$/],
  ['no time at all', { timeouts: { idle: 0 } }, 'timeouts.idle', /^the number 0$/],
  ['endless', { timeouts: { idle: Infinity } }, 'timeouts.idle', /^the number Infinity$/],
  ['a timeout of another kind', { timeouts: { kex: ['1s'] } }, 'timeouts.kex', /^a list of 1$/],
  ['an unknown timeout', { timeouts: { conect: '5s' } }, 'timeouts.conect', /^an unknown name$/],
  ['timeouts that are a duration', { timeouts: '60s' }, 'timeouts', /^a string of 3 characters$/],
  ['stdin that is no text', { stdin: { secret: SECRET } }, 'stdin', /^an object$/],
  ['stdin of 1 MiB', { stdin: MIB }, 'stdin', /^1048576 bytes$/],
  ['stdin just too long', { stdin: `${'ü'.repeat(MAX_STDIN_BYTES / 2)}x` }, 'stdin', /^524289 bytes$/],
  ['an empty directory', { cwd: '' }, 'cwd', /^an empty string$/],
  ['a directory with NUL', { cwd: '/a\0b' }, 'cwd', /^a string of 4 characters$/],
  ['a limit below 0', { maxOutputBytes: -1 }, 'maxOutputBytes', /^the number -1$/],
  ['a limit of half a byte', { maxOutputBytes: 0.5 }, 'maxOutputBytes', /^the number 0\.5$/],
  ['a limit above the highest', { maxOutputBytes: MAX_OUTPUT_BYTES + 1 }, 'maxOutputBytes', /1048577$/],
  ['a limit in words', { maxOutputBytes: '1k' }, 'maxOutputBytes', /^a string of 2 characters$/],
  ['an exit code above 255', { okExitCodes: [256] }, 'okExitCodes', /^a list of 1$/],
  ['an exit code below 0', { okExitCodes: [0, -1] }, 'okExitCodes', /^a list of 2$/],
  ['one exit code', { okExitCodes: 3 }, 'okExitCodes', /^the number 3$/],
  ['yes in words', { idempotent: 'yes' }, 'idempotent', /^"yes"$/],
  ['a pty as a number', { pty: 1 }, 'pty', /^the number 1$/],
  ['another encoding', { outputEncoding: 'latin1' }, 'outputEncoding', /^"latin1"$/],
  ['an unknown option', { comand: SECRET }, 'comand', /^an unknown option$/],
  ['an option of every object', { constructor: SECRET }, 'constructor', /^an unknown option$/],
];

for (const [name, given, option, found] of CASES) {
  void test(`names the option and what was found: ${name}`, () => {
    const problems = execProblems({ host: 'web-1', command: 'true', ...given });
    assert.deepEqual(
      problems.map((problem) => problem.option),
      [option]
    );
    assert.match(problems[0]?.found ?? '', found);
    const message = describeProblems('exec', problems);
    assert.ok(message.includes(option) && message.includes('expected') && message.length < 400, message);
    assert.doesNotMatch(message, new RegExp(SECRET));
  });
}

void test('what is good has no problems', () => {
  const good = [
    { host: 'web-1', command: 'true' },
    { host: 'web-1', command: ['true'], timeouts: {}, env: {}, okExitCodes: [], stdin: '', maxOutputBytes: 0 },
    { host: 'web-1', command: 'x'.repeat(MAX_COMMAND_BYTES), stdin: 'x'.repeat(MAX_STDIN_BYTES) },
    { host: 'web-1', command: 'a', env: { A: 'x'.repeat(MAX_ENV_BYTES - 3) }, maxOutputBytes: MAX_OUTPUT_BYTES },
    { host: 'web-1', command: 'a', timeouts: { banner: '60s', run: undefined }, stdin: undefined, pty: undefined },
    { host: 'web-1', command: 'a', idempotent: true, pty: false, cwd: '/srv', outputEncoding: 'base64' },
  ];
  for (const input of good) assert.deepEqual(execProblems(input), []);
});

void test('everything is told at once', () => {
  const input = { command: '', timeouts: { banner: 'soon', x: 1 }, env: { '1': 'a', B: 2 }, extra: true };
  const options = execProblems(input).map(({ option }) => option);
  assert.deepEqual(options, ['host', 'command', 'timeouts.banner', 'timeouts.x', 'env."1"', 'env.B', 'extra']);
  assert.equal(describeProblems('exec', execProblems(input)).split('\n').length, 8);
});

void test('inputs that are no objects', () => {
  for (const input of [undefined, null, 'web-1', 5, [], ['web-1']]) {
    assert.deepEqual(
      execProblems(input).map(({ option }) => option),
      ['input']
    );
  }
});

void test('the fields are those of the input', () => {
  assert.deepEqual(EXEC_FIELDS.slice(0, 2), ['host', 'command']);
  assert.equal(new Set(EXEC_FIELDS).size, EXEC_FIELDS.length);
});

void test('the longest command is one that Linux takes', () => {
  const command = `: ${'x'.repeat(MAX_COMMAND_BYTES - 2)}`;
  assert.deepEqual(execProblems({ host: 'web-1', command }), []);
  assert.equal(spawnSync('sh', ['-c', command]).status, 0);
});
