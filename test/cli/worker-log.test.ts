import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { textEntry } from '../../cli/worker-log';

const entry = { level: 'WARN', timestampNanos: 1_893_456_000_000_000_000n, message: 'Activity failed' } as const;

void test('a failure of a step is told without a stack, a defect with one', () => {
  const error = ApplicationFailure.nonRetryable('web-1: refused. Add the key.', 'SshAuthFailed');
  const told = textEntry({ ...entry, meta: { activityType: 'sshCheck', error } });
  assert.match(told, /^2030-01-01T00:00:00\.000Z \[WARN\] Activity failed \{/);
  assert.match(told, /activityType: 'sshCheck'/);
  assert.match(told, /error: 'SshAuthFailed: web-1: refused\. Add the key\.'/);
  assert.doesNotMatch(told, /\n +at /);
  assert.match(textEntry({ ...entry, meta: { error: new TypeError('a defect') } }), /TypeError: a defect\n +at /);
  assert.equal(textEntry(entry), '2030-01-01T00:00:00.000Z [WARN] Activity failed');
});
