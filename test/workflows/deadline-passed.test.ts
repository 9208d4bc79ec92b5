import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  TimeoutFailure,
  defaultPayloadConverter,
} from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import { withDeadlinePassed } from '../../workflows/deadline-passed';

const AWAITED = { type: 'SshUnreachable', host: 'box', deadlineMs: 5_000, what: 'was not reachable' } as const;
const DETAILS = {
  stage: 'connect',
  host: 'box',
  port: 22,
  limitMs: 9,
  elapsedMs: 9,
  commandMayHaveRun: false,
} as const;
const REFUSED = ApplicationFailure.create({
  type: 'SshConnectRefused',
  message: 'box refused it.',
  details: [DETAILS],
});

const ended = (cause: Error, state: ActivityFailure['retryState']): ActivityFailure =>
  new ActivityFailure('Activity task failed', 'sshReachable', '1', state, 'worker', cause);

/** A timeout as it comes from the server. */
function timeout(before?: Error): TimeoutFailure {
  const failure = new TimeoutFailure('activity ScheduleToClose timeout', undefined, 'SCHEDULE_TO_CLOSE');
  const converter = new DefaultFailureConverter();
  failure.failure = {
    message: failure.message,
    ...(before && { cause: converter.errorToFailure(before, defaultPayloadConverter) }),
  };
  return failure;
}

for (const [name, error] of Object.entries({
  'between two looks: the failure of the last one': ended(REFUSED, 'TIMEOUT'),
  'in a look: a timeout, with the failure before it': ended(timeout(REFUSED), 'NON_RETRYABLE_FAILURE'),
})) {
  void test(`the deadline passes ${name}`, () => {
    const found = withDeadlinePassed(error, AWAITED);
    assert.ok(found instanceof ActivityFailure);
    assert.deepEqual([found.activityType, found.retryState], ['sshReachable', error.retryState]);
    const failure = sshFailureOf(found);
    assert.deepEqual([failure?.type, failure?.details], ['SshUnreachable', { ...DETAILS, limitMs: 5_000 }]);
    assert.equal(failure?.message, 'box was not reachable within 5000 ms. The last look: box refused it.');
    assert.equal((failure?.error as ApplicationFailure).nonRetryable, true);
    assert.equal(sshFailureOf(failure?.error.cause)?.type, 'SshConnectRefused');
  });
}

void test('no look was finished', () => {
  const cause = timeout();
  const failure = sshFailureOf(withDeadlinePassed(ended(cause, 'TIMEOUT'), AWAITED));
  assert.deepEqual([failure?.type, failure?.details?.stage], ['SshUnreachable', 'config']);
  assert.match(failure?.message ?? '', /within 5000 ms\. No look was finished/);
  assert.equal(failure?.error.cause, cause);
});

void test("details that only the worker's own payload converter can read: type and message are told", () => {
  const unreadable = timeout(REFUSED);
  const info = unreadable.failure?.cause?.applicationFailureInfo;
  if (info) info.details = { payloads: [{ metadata: { encoding: Buffer.from('of/another') }, data: Buffer.of(1) }] };
  const failure = sshFailureOf(withDeadlinePassed(ended(unreadable, 'TIMEOUT'), AWAITED));
  assert.match(failure?.message ?? '', /The last look: box refused it\.$/);
  assert.deepEqual([failure?.details?.stage, failure?.details?.limitMs], ['config', 5_000]);
  assert.equal(sshFailureOf(failure?.error.cause)?.type, 'SshConnectRefused');
});

void test('anything else stays as it is', () => {
  const terminal = ended(REFUSED, 'NON_RETRYABLE_FAILURE');
  const cancelled = ended(new CancelledFailure('cancelled'), 'NON_RETRYABLE_FAILURE');
  for (const error of [terminal, cancelled, new Error('x'), undefined]) {
    assert.equal(withDeadlinePassed(error, AWAITED), error);
  }
});
