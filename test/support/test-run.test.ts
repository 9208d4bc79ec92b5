import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { makeScratch } from './scratch';
import { runTests } from './test-run';

interface Ran {
  readonly good: boolean;
  readonly lines: readonly string[];
}

/** Runs the runner itself over files of its own. */
async function runner(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  parts: readonly string[] = []
): Promise<Ran> {
  const scratch = makeScratch({ t });
  mkdirSync(`${scratch.path}/below`);
  const header = "const { test, describe, before } = require('node:test');\n";
  for (const [name, text] of Object.entries(files)) scratch.write(`${name}.test.js`, header + text);
  const lines: string[] = [];
  const good = await runTests({
    directory: scratch.path,
    parts,
    concurrency: 2,
    timeoutMs: 2_000,
    env: process.env,
    signal: new AbortController().signal,
    say: (line) => void lines.push(...line.split('\n')),
  });
  return { good, lines };
}

void test('counts leaf tests, names skipped ones with their reason, and succeeds', async (t) => {
  const { good, lines } = await runner(t, {
    a: `describe('s', () => { test('1', () => {}); test('2', async (t) => { await t.test('2a', () => {}); await t.test('2b', () => {}); }); });
        test('no', { skip: 'too dark' }, () => {});`,
    b: `test('3', () => {}); test('also no', (t) => t.skip('too dark'));`,
  });
  assert.deepEqual(lines.slice(-2), ['2 skipped: too dark', '4 passed, 0 failed']);
  assert.ok(lines.some((line) => line.includes('- no: skipped, too dark')));
  assert.equal(good, true);
});

void test('a failing test fails the run, with its place, error and output', async (t) => {
  const { good, lines } = await runner(t, {
    a: `describe('outer', () => { test('good', () => {}); test('bad', () => { console.log('seen'); throw new Error('told'); }); });`,
  });
  assert.equal(lines.at(-1), '1 passed, 1 failed');
  const text = lines.join('\n');
  assert.match(text, /✖ test\/a\.test\.ts[^]*✖ outer > bad\n\s+Error: told[^]*what it printed:\n\s+seen/);
  assert.equal(good, false);
});

for (const [what, source, expected, counts] of [
  ['without tests', '', /has no tests/, '0 passed, 1 failed'],
  ['that does not load', "require('./missing')", /ended with exit code 1[^]*Cannot find module/, '0 passed, 1 failed'],
  [
    'that exits after its tests',
    "test('t', () => {}); process.on('exit', () => { process.exitCode = 3; })",
    /exit code 3/,
    '1 passed, 1 failed',
  ],
  [
    'that is killed',
    "test('t', () => new Promise(() => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)))",
    /ended by SIGKILL, (in: t|after: nothing)/,
    '0 passed, 1 failed',
  ],
  [
    'that hangs in a test',
    "test('fine', () => {}); test('stuck', () => new Promise(() => setInterval(() => {}, 1000)))",
    /killed after 2 s, (in: stuck|after: fine)/,
    '1 passed, 1 failed',
  ],
  [
    'that leaves something open',
    "test('fine', () => { setInterval(() => {}, 1000); })",
    /killed after 2 s, (when no test ran; if|after: fine)/,
    '1 passed, 1 failed',
  ],
  [
    'whose hook fails',
    "describe('s', () => { before(() => { throw new Error('hook'); }); test('t', () => {}); })",
    /Error: hook/,
    undefined,
  ],
] as const) {
  void test(`a file ${what} fails the run and is explained`, async (t) => {
    const { good, lines } = await runner(t, { a: source });
    assert.match(lines.join('\n'), expected);
    if (counts !== undefined) assert.equal(lines.at(-1), counts);
    assert.match(lines.at(-1) ?? '', /^\d+ passed, [1-9]\d* failed$/);
    assert.equal(good, false);
  });
}

void test('arguments select files by a part of their path; one that selects none is an error', async (t) => {
  const files = { 'below/one': `test('1', () => {})`, two: `test('2', () => {})` };
  assert.equal((await runner(t, files, ['test/tw'])).lines.at(-1), '1 passed, 0 failed');
  assert.equal((await runner(t, files, ['below'])).lines.at(-1), '1 passed, 0 failed');
  await assert.rejects(runner(t, files, ['three']), /No test file matches: three/);
});
