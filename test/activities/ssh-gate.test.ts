import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createSshActivities } from '../../activities';
import { failureOf } from './failure-of';

const { sshGateHolders, sshGateRequest } = createSshActivities({ hosts: { hosts: {} } });

void test('a worker without a client is SshGateUnavailable; an input that is none is SshInvalidOptions', async () => {
  const environment = new MockActivityEnvironment();
  const holders = await failureOf(environment.run(sshGateHolders, { holders: [] }));
  assert.deepEqual([holders.type, holders.nonRetryable], ['SshGateUnavailable', true]);
  const request = await failureOf(environment.run(sshGateRequest, {} as never));
  assert.deepEqual([request.type, request.nonRetryable], ['SshInvalidOptions', true]);
});
