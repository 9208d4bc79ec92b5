import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { DEFAULT_DEADLINES, SSH_FAILURE_TYPES } from '../../contract';
import { FAILURE_HELP } from '../../ssh/failure-help';
import { StageClock } from '../../ssh/stage-clock';

const target = { name: 'web-1', address: '10.0.0.1', port: 22 };

/** Replaces the timers by ones that a test moves on; what Node does with a delay that is too long included. */
function fakeTimers(t: TestContext): { readonly pending: () => number; readonly advance: (ms: number) => void } {
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
  t.after(() => Object.assign(globalThis, { setTimeout: set, clearTimeout: clear }));
  const timers = new Map<object, { at: number; readonly callback: () => void }>();
  let now = 0;
  const setTimeout = (callback: () => void, ms: number): object => {
    const timer = {};
    timers.set(timer, { at: now + (ms > 2 ** 31 - 1 ? 1 : ms), callback });
    return timer;
  };
  Object.assign(globalThis, { setTimeout, clearTimeout: (timer: object) => void timers.delete(timer) });
  return {
    pending: () => timers.size,
    advance: (ms) => {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at);
        if (!next) break;
        now = next[1].at;
        timers.delete(next[0]);
        next[1].callback();
      }
      now = until;
    },
  };
}

/** A deadline that has passed lets the sockets be read once more. */
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const DAY = 24 * 60 * 60 * 1_000;

void test('a deadline of 60 days passes after 60 days', async (t) => {
  const timers = fakeTimers(t);
  const clock = new StageClock(target, { ...DEFAULT_DEADLINES, run: 60 * DAY });
  const passed: string[] = [];
  clock.enter('run', (type, { limitMs }) => passed.push(`${type} ${limitMs}`));
  timers.advance(60 * DAY - 1);
  await nextTurn();
  assert.deepEqual(passed, []);
  timers.advance(1);
  await nextTurn();
  assert.deepEqual(passed, [`SshRunTimeout ${60 * DAY}`]);
  assert.equal(timers.pending(), 0);
});

void test('a long deadline can be stopped at any time', (t) => {
  const timers = fakeTimers(t);
  for (const after of [0, 20 * DAY, 40 * DAY]) {
    const clock = new StageClock(target, { ...DEFAULT_DEADLINES, run: 60 * DAY });
    clock.enter('run', () => assert.fail('was stopped'));
    timers.advance(after);
    clock.stop();
    assert.equal(timers.pending(), 0);
  }
});

void test('what was there in time counts, even if it is read only when the deadline has passed', async (t) => {
  const timers = fakeTimers(t);
  const clock = new StageClock(target, DEFAULT_DEADLINES);
  clock.enter('banner', () => assert.fail('was read in the same turn'));
  timers.advance(DEFAULT_DEADLINES.banner);
  clock.leave();
  await nextTurn();
});

void test('one stage at a time has a deadline, and none without one', async (t) => {
  const timers = fakeTimers(t);
  const clock = new StageClock(target, DEFAULT_DEADLINES);
  const passed: string[] = [];
  const onDeadline = (type: string): void => void passed.push(type);
  clock.enter('connect', onDeadline);
  clock.enter('banner', onDeadline);
  assert.equal(timers.pending(), 1);
  timers.advance(DEFAULT_DEADLINES.connect);
  await nextTurn();
  assert.deepEqual(passed, []);
  clock.enter('run', onDeadline);
  assert.equal(timers.pending(), 0);
  clock.enter('kex', onDeadline);
  clock.leave();
  assert.equal(timers.pending(), 0);
});

void test('a failure says where, when, what and what next', () => {
  const stages: string[] = [];
  const clock = new StageClock(target, DEFAULT_DEADLINES, (stage) => stages.push(stage));
  clock.enter('banner', () => undefined);
  const { message, details, retryable } = clock.failure('SshServerBusy', { what: 'is busy', serverText: 'go away' });
  clock.leave();
  assert.match(
    message,
    /^web-1 \(10\.0\.0\.1:22\) is busy \(stage banner, after \d+ ms\)\. The server said: "go away"\. Retry/
  );
  assert.deepEqual(details, {
    stage: 'banner',
    host: 'web-1',
    address: '10.0.0.1',
    port: 22,
    elapsedMs: details.elapsedMs,
    serverText: 'go away',
    commandMayHaveRun: false,
  });
  assert.equal(retryable, true);
  assert.deepEqual(stages, ['banner']);
  assert.equal(clock.durationMs('kex'), 0);
});

void test('every type has a meaning and a next step, in whole sentences', () => {
  assert.deepEqual(Object.keys(FAILURE_HELP), [...SSH_FAILURE_TYPES]);
  for (const { meaning, next } of Object.values(FAILURE_HELP)) {
    for (const text of [meaning, next]) assert.match(text, /^\S.{15,}\.$/);
  }
});
