import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkHost } from '../../ssh/check-host';
import { configError } from '../../ssh/ssh-error';
import type { SshTarget, TargetResolver } from '../../ssh/target';
import { assertNothingLeft } from '../support/handles';
import { makeKeyFiles } from '../support/key-files';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { fin } from '../support/tcp-script';
import { keyMethod, targetOf } from './support/engine';
import { startRawServer } from './support/raw-server';

const always =
  (target: SshTarget): TargetResolver =>
  () =>
    Promise.resolve(target);

void test('a host that is well', async (t) => {
  const sshd = await startSshd({ t, config: ['PasswordAuthentication yes'] });
  const report = await assertNothingLeft(() => checkHost('web-1', always(targetOf(sshd))));
  assert.equal(report.ok, true);
  assert.deepEqual(
    report.stages.map(({ stage, ok }) => [stage, ok]),
    ['config', 'connect', 'banner', 'kex', 'auth'].map((stage) => [stage, true])
  );
  assert.deepEqual([report.address, report.port, report.user], [sshd.address, sshd.port, sshd.user]);
  assert.match(report.identification ?? '', /^SSH-2\.0-OpenSSH_/);
  const { hostFingerprint: fingerprint } = sshd;
  assert.deepEqual(report.hostKey, { type: 'ssh-ed25519', fingerprint, trusted: true, reason: 'pinned' });
  assert.ok(report.algorithms?.kex && report.algorithms.cipher && report.algorithms.mac);
  assert.deepEqual([...(report.authMethods ?? [])].sort(), ['password', 'publickey']);
  assert.equal(report.failure, undefined);
  assert.doesNotMatch(sshd.log(), /Starting session/);
});

void test('a host whose key is not trusted: shown, and nothing was sent', async (t) => {
  const script = await startSshScript({ t });
  const target = targetOf({ ...script, hostFingerprint: `SHA256:${'B'.repeat(43)}` });
  const report = await assertNothingLeft(() => checkHost('web-1', always(target)));
  assert.equal(report.ok, false);
  assert.deepEqual(
    report.stages.map(({ stage, ok }) => [stage, ok]),
    [
      ['config', true],
      ['connect', true],
      ['banner', true],
      ['kex', false],
    ]
  );
  assert.equal(report.hostKey?.trusted, false);
  assert.equal(report.hostKey?.fingerprint, script.hostFingerprint);
  assert.equal(report.failure?.type, 'SshHostKeyMismatch');
  assert.ok(report.failure.meaning && report.failure.next && !report.failure.retryable);
  assert.deepEqual(script.authMethods, []);
});

void test('a host that refuses the credential: what it takes instead', async (t) => {
  const sshd = await startSshd({ t });
  const other = makeKeyFiles(join(sshd.directory, 'other'));
  const target = targetOf(sshd, { auth: [keyMethod(other.file)] });
  const report = await assertNothingLeft(() => checkHost('web-1', always(target)));
  assert.deepEqual([report.failure?.type, report.authMethods], ['SshAuthFailed', ['publickey']]);
  assert.deepEqual(report.stages.at(-1)?.stage, 'auth');
});

void test('a host that is not there, and one that is not known', async (t) => {
  const script = await startRawServer(t, fin);
  const closed = await checkHost('web-1', always(targetOf(script)));
  assert.deepEqual([closed.failure?.type, closed.failure?.retryable], ['SshBannerClosed', true]);
  const unknown = await checkHost('web-2', () => Promise.reject(configError('SshUnknownHost', 'web-2', 'no web-2')));
  assert.deepEqual(
    [unknown.failure?.type, unknown.stages],
    ['SshUnknownHost', [{ stage: 'config', ms: 0, ok: false }]]
  );
});

void test('timeouts of the check go before those of the host; an abort is no report', async (t) => {
  const script = await startRawServer(t, () => undefined);
  const target = { ...targetOf(script), timeouts: { banner: '1 hour' } } as const;
  const report = await checkHost('web-1', always(target), { timeouts: { banner: 300 } });
  assert.deepEqual([report.failure?.type, report.failure?.details.limitMs], ['SshBannerTimeout', 300]);
  const controller = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 100);
  const aborted = assertNothingLeft(() =>
    checkHost('web-1', always(target), { signal: controller.signal }).catch((caught: unknown) => caught)
  );
  assert.equal(await aborted, reason);
});
