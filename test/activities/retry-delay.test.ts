import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetryPolicy } from '@temporalio/common';
import { retryDelayMs } from '../../activities/retry-delay';
import { toApplicationFailure } from '../../activities/to-application-failure';
import { SSH_FAILURES, SSH_FAILURE_TYPES } from '../../contract';
import type { SshFailureDetails, SshFailureType } from '../../contract';
import { SshError } from '../../ssh/ssh-error';
import { read } from './failure-of';

const ATTEMPTS = [1, 2, 3, 4, 5, 6, 7, 8];

/** The shortest and the longest delay that chance allows. */
const windowOf = (type: SshFailureType, attempt: number, policy?: RetryPolicy): readonly [number, number] => [
  retryDelayMs(type, attempt, policy, () => 0),
  retryDelayMs(type, attempt, policy, () => 1 - Number.EPSILON),
];

void test('without a policy the window doubles from 5 s to 2 min', () => {
  const windows = ATTEMPTS.map((attempt) => windowOf('SshServerBusy', attempt));
  assert.deepEqual(
    windows.map(([, longest]) => longest),
    [5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000, 120_000]
  );
  for (const [shortest] of windows) assert.equal(shortest, 1_000);
});

void test("the step's policy shapes the window", () => {
  const policy = { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '1 minute' } as const;
  assert.deepEqual(
    ATTEMPTS.map((attempt) => windowOf('SshBannerTimeout', attempt, policy)[1]),
    [2_000, 6_000, 18_000, 54_000, 60_000, 60_000, 60_000, 60_000]
  );
  const short = { initialInterval: 200, backoffCoefficient: 1, maximumInterval: 200 };
  assert.deepEqual(windowOf('SshBannerTimeout', 8, short), [200, 200], 'never longer than the maximum');
});

void test('a penalty is waited for: 15 s at least, up to 10 minutes', () => {
  const windows = ATTEMPTS.map((attempt) => windowOf('SshServerPenalty', attempt));
  assert.deepEqual(
    windows.map(([, longest]) => longest),
    [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]
  );
  for (const [shortest] of windows) assert.equal(shortest, 15_000);
  const impatient = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '1s' } as const;
  for (const attempt of ATTEMPTS) assert.equal(windowOf('SshServerPenalty', attempt, impatient)[0], 15_000);
});

void test('the delay is a random moment of its window, and finite however late the attempt', () => {
  const delays = Array.from({ length: 200 }, () => retryDelayMs('SshServerBusy', 5, undefined));
  assert.ok(delays.every((delay) => delay >= 1_000 && delay <= 80_000));
  assert.ok(new Set(delays).size > 100, 'full jitter');
  for (const attempt of [60, 1_000, 2 ** 31 - 1]) {
    const policy = { initialInterval: 1, backoffCoefficient: Number.MAX_VALUE, maximumInterval: '2m' } as const;
    assert.equal(windowOf('SshServerBusy', attempt, policy)[1], 120_000);
    assert.equal(windowOf('SshServerPenalty', attempt, policy)[1], 600_000);
  }
});

const details = (commandMayHaveRun: boolean): SshFailureDetails => ({
  stage: 'banner',
  host: 'box',
  address: '192.0.2.1',
  port: 22,
  elapsedMs: 7,
  commandMayHaveRun,
});

for (const type of SSH_FAILURE_TYPES) {
  if (type === 'SshHostCoolingDown') continue;
  const { retryable } = SSH_FAILURES[type];

  void test(`${type} before the command: ${retryable ? 'tried again in its window' : 'terminal'}`, () => {
    for (const retryPolicy of [undefined, { initialInterval: 3_000, backoffCoefficient: 2, maximumInterval: 50_000 }]) {
      for (const attempt of ATTEMPTS) {
        const error = new SshError(type, {
          message: `about ${type}`,
          details: details(false),
          cause: new Error('raw'),
        });
        const failure = read(toApplicationFailure(error, { idempotent: false, attempt, retryPolicy }));
        assert.deepEqual(
          {
            type: failure.type,
            message: failure.message,
            nonRetryable: failure.nonRetryable,
            details: failure.details,
          },
          { type, message: `about ${type}`, nonRetryable: !retryable, details: details(false) }
        );
        assert.equal(failure.cause, undefined, 'what a server said, uncleaned, stays on the worker');
        if (!retryable) {
          assert.equal(failure.delayMs, undefined);
          continue;
        }
        const [shortest, longest] = windowOf(type, attempt, retryPolicy);
        assert.ok(failure.delayMs !== undefined && failure.delayMs >= shortest && failure.delayMs <= longest);
      }
    }
  });

  void test(`${type} after the command was sent`, () => {
    const error = new SshError(type, { message: `box failed (after 7 ms). Retry it.`, details: details(true) });
    const known = 'outcomeKnown' in SSH_FAILURES[type];
    const once = read(toApplicationFailure(error, { idempotent: false, attempt: 1 }));
    assert.equal(once.type, known ? type : 'SshOutcomeUnknown');
    assert.equal(once.nonRetryable, true);
    assert.equal(once.delayMs, undefined);
    assert.deepEqual(once.details, details(true));
    assert.equal(once.cause?.type, known ? undefined : type);
    if (!known) {
      assert.equal(once.cause?.nonRetryable, true);
      assert.deepEqual(once.cause?.details, details(true));
      assert.doesNotMatch(once.message, /Retry it/, 'the advice is for a step that may run twice');
    }
    const again = read(toApplicationFailure(error, { idempotent: true, attempt: 1 }));
    assert.equal(again.type, type);
    assert.equal(again.nonRetryable, !retryable);
  });
}

void test('SshHostCoolingDown: tried again after the time that is left, spread over a quarter of it', () => {
  const error = new SshError('SshHostCoolingDown', {
    message: 'left alone',
    details: { ...details(false), stage: 'config', limitMs: 40_000 },
  });
  error.retryAfterMs = 40_000;
  const delays = Array.from(
    { length: 200 },
    () => read(toApplicationFailure(error, { idempotent: false, attempt: 7 })).delayMs ?? 0
  );
  assert.ok(
    delays.every((delay) => delay >= 40_000 && delay <= 50_000),
    String(delays)
  );
  assert.ok(new Set(delays).size > 100);
});

void test('a failure that puts its host into cool-down is not tried before that is over', () => {
  const error = new SshError('SshServerBusy', { message: 'busy', details: details(false) });
  error.retryAfterMs = 60_000;
  for (let round = 0; round < 50; round += 1) {
    const { delayMs = 0 } = read(toApplicationFailure(error, { idempotent: false, attempt: 1 }));
    assert.ok(delayMs >= 60_000 && delayMs <= 75_000, String(delayMs));
  }
});
