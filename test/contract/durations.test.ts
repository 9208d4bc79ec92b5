import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_DEADLINES, TIMEOUT_NAMES, parseDuration, resolveDeadlines, setUpLimitMs } from '../../contract';

void test('milliseconds and what Temporal takes for a duration', () => {
  const good = [
    [1, 1],
    [0.2, 1],
    [1_500.4, 1_500],
    ['60s', 60_000],
    ['1 minute', 60_000],
    ['10 minutes', 600_000],
    ['1.5h', 5_400_000],
    ['100', 100],
    ['30d', 2_592_000_000],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ] as const;
  for (const [given, ms] of good) assert.equal(parseDuration(given), ms, String(given));
});

void test('everything else is none', () => {
  const bad = [0, -1, '-5s', '0s', NaN, Infinity, -Infinity, Number.MAX_VALUE, '', ' ', 'soon', '5 parsecs', null];
  for (const given of [...bad, undefined, true, {}, [], [60], 10n, Symbol('60s'), () => 60, 'x'.repeat(200)]) {
    assert.equal(parseDuration(given), undefined, `a ${typeof given}`);
  }
});

void test('the later layer counts, and the defaults where none says anything', () => {
  assert.deepEqual(resolveDeadlines(), { ...DEFAULT_DEADLINES });
  const host = { banner: '2 minutes', kex: 5_000, idle: '1h' } as const;
  const step = { kex: '1s', run: 30_000 } as const;
  assert.deepEqual(resolveDeadlines(host, undefined, step), {
    ...DEFAULT_DEADLINES,
    banner: 120_000,
    kex: 1_000,
    idle: 3_600_000,
    run: 30_000,
  });
});

void test('a value that is no duration, and a name that is none, change nothing', () => {
  const wrong = { banner: 'soon', kex: -1, colour: 5 } as never;
  assert.deepEqual(resolveDeadlines({ banner: 7_000 }, wrong), { ...DEFAULT_DEADLINES, banner: 7_000 });
});

void test('setting up takes what its stages take together', () => {
  assert.equal(setUpLimitMs(resolveDeadlines({ run: '1d', idle: '1h' })), 160_000);
  assert.deepEqual(TIMEOUT_NAMES, ['connect', 'banner', 'kex', 'auth', 'channel', 'exec', 'run', 'idle']);
  assert.ok(Object.isFrozen(DEFAULT_DEADLINES));
});
