import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFullBacklog } from '../support/full-backlog';
import { startTcpScript } from '../support/tcp-script';
import { checkFailure, exec, fails, targetOf, timesOut } from './support/engine';

void test('a port where nothing listens', async (t) => {
  const script = await startTcpScript(undefined, { t });
  await script.stop();
  const error = await fails(targetOf(script), { type: 'SshConnectRefused', stage: 'connect' });
  assert.match(
    error.message,
    /^web-1 \(127\.0\.0\.1:\d+\) refused the TCP connection \(stage connect, after \d+ ms\)\. /
  );
  assert.equal(error.details.limitMs, undefined);
});

void test('a connection that is neither accepted nor refused', async (t) => {
  const backlog = await startFullBacklog({ t });
  const expected = { type: 'SshConnectTimeout', stage: 'connect', limitMs: 400 } as const;
  await timesOut(targetOf(backlog), expected, { deadlines: { connect: 400 } });
});

void test('a name that does not exist', async () => {
  const target = targetOf({ address: 'nonexistent.invalid', port: 22 });
  // Where there is no resolver, nobody can say that the name does not exist.
  const types = ['SshDnsNotFound', 'SshDnsTemporary'] as const;
  const error = await fails(target, {
    type: types,
    stage: 'connect',
    message: /could not be resolved \((ENOTFOUND|EAI_)/,
  });
  assert.equal(error.retryable, error.type === 'SshDnsTemporary');
});

void test('an address that cannot be reached', async () => {
  // RFC 1112: a class E address; Linux refuses to route to it.
  const target = targetOf({ address: '255.255.255.255', port: 22 });
  await fails(target, {
    type: 'SshConnectUnreachable',
    stage: 'connect',
    message: /\((ENETUNREACH|EACCES|EINVAL|EHOSTUNREACH)\)/,
  });
});

void test('a name with several addresses is one failure', async (t) => {
  const script = await startTcpScript(undefined, { t });
  await script.stop();
  await fails(targetOf({ address: 'localhost', port: script.port }), { type: 'SshConnectRefused', stage: 'connect' });
});

void test('the stages are told as they begin, and none after the one that fails', async (t) => {
  const script = await startTcpScript(undefined, { t });
  await script.stop();
  const target = targetOf(script);
  const begun: string[] = [];
  const error: unknown = await exec(target, 'work', { observer: { onStage: (stage) => begun.push(stage) } }).catch(
    (reason: unknown) => reason
  );
  checkFailure(error, target, { type: 'SshConnectRefused', stage: 'connect' });
  assert.deepEqual(begun, ['connect']);
});
