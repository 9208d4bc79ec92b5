import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { FIRST_BOOT, SECOND_BOOT, startBootingHost } from '../e2e/look-ground';
import { freePort } from '../support/free-port';
import { assertNothingLeft } from '../support/handles';
import { privateFilesSkipReason } from '../support/private-files';
import { exit, startSshScript } from '../support/ssh-script';
import { failureOf } from './failure-of';
import { hostConfig, hostsOf } from './mock-step';
import { categoryOf, mockLooks } from './mock-look';

const INPUT = { host: 'box', every: '3s' } as const;

void test('OpenSSH: boot id, fingerprint and the look', { skip: privateFilesSkipReason() }, async (t) => {
  const { sshd, boot } = await startBootingHost({ t });
  const look = mockLooks({ hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user }) } } });
  const { hostFingerprint: hostKeyFingerprint } = sshd;
  const result = await assertNothingLeft(async () => look('sshReachable', INPUT, { attempt: 4 }).result);
  assert.deepEqual(result, { host: 'box', hostKeyFingerprint, bootId: FIRST_BOOT, attempt: 4 });

  const waiting = { ...INPUT, notBootId: FIRST_BOOT };
  const same = look('sshReachable', waiting).result;
  const failure = await failureOf(same);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.delayMs], ['SshBootIdUnchanged', false, 3_000]);
  assert.deepEqual([failure.details.stage, failure.details.host, failure.details.port], ['run', 'box', sshd.port]);
  assert.equal(await categoryOf(same), ApplicationFailureCategory.BENIGN);

  boot('nothing');
  assert.equal((await look('sshReachable', INPUT).result).bootId, '', 'a host without one');
  assert.match((await failureOf(look('sshReachable', waiting).result)).message, /does not tell its boot id/);

  boot(SECOND_BOOT);
  assert.equal((await look('sshReachable', waiting).result).bootId, SECOND_BOOT);
});

void test('a boot id behind what start-up files of the shell write', async (t) => {
  const script = await startSshScript({
    t,
    onExec: ({ accept }) => {
      const channel = accept();
      channel.write(`last boot:\n${SECOND_BOOT}\nWelcome!\n${FIRST_BOOT}\n`, () => exit(channel, 0));
    },
  });
  const look = mockLooks({ hosts: hostsOf(script) });
  assert.equal((await look('sshReachable', INPUT).result).bootId, FIRST_BOOT);
  assert.deepEqual(script.commands, ['cat /proc/sys/kernel/random/boot_id']);
});

void test('a host without the program has no boot id', async (t) => {
  const script = await startSshScript({ t, onExec: ({ accept }) => exit(accept(), 127) });
  assert.equal((await mockLooks({ hosts: hostsOf(script) })('sshReachable', INPUT).result).bootId, '');
});

void test('not there: benign, with the time until the next look; longer while the host is left alone', async (t) => {
  const script = await startSshScript({ t });
  const hosts = hostsOf(script, { port: await freePort() });
  const look = mockLooks({ hosts, pool: { idle: 0, coolDown: '40s', maxCoolDown: '40s' } });
  const first = look('sshReachable', INPUT).result;
  const refused = await failureOf(first);
  assert.deepEqual([refused.type, refused.nonRetryable, refused.delayMs], ['SshConnectRefused', false, 3_000]);
  assert.equal(await categoryOf(first), ApplicationFailureCategory.BENIGN);
  const second = await failureOf(look('sshReachable', INPUT).result);
  assert.ok((second.delayMs ?? 0) >= 20_000, `${second.type}: ${second.delayMs} ms`);
  const third = await failureOf(look('sshReachable', INPUT).result);
  assert.equal(third.type, 'SshHostCoolingDown');
  assert.ok((third.delayMs ?? 0) >= 15_000);
});

void test('a next look that would come too late comes in the middle of what is left', async (t) => {
  const script = await startSshScript({ t });
  const look = mockLooks({ hosts: hostsOf(script, { port: await freePort() }) });
  const times = { scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 100_000 };
  const delayOf = async (scheduleToCloseTimeoutMs: number): Promise<number | undefined> =>
    (await failureOf(look('sshReachable', { host: 'box', every: '1h' }, { ...times, scheduleToCloseTimeoutMs }).result))
      .delayMs;
  const delay = (await delayOf(199_000)) ?? 0;
  assert.ok(delay > 45_000 && delay <= 50_000, String(delay));
  assert.equal(await delayOf(100_000), 3_600_000, 'with no time left the server is to end it');
});

void test('a host that kills what runs on it goes down: looked at again', async (t) => {
  const script = await startSshScript({
    t,
    onExec: ({ accept }) => {
      const channel = accept();
      channel.exit('TERM');
      channel.end();
    },
  });
  const failure = await failureOf(mockLooks({ hosts: hostsOf(script) })('sshReachable', INPUT).result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.delayMs], ['SshExitSignal', false, 3_000]);
});

void test('what does not pass by itself is terminal', async (t) => {
  const refusing = await startSshScript({ t, onAuth: (context) => context.reject() });
  const other = await startSshScript({ t });
  const hosts = {
    hosts: {
      refusing: hostConfig(refusing),
      replaced: hostConfig({ ...other, hostFingerprint: refusing.hostFingerprint }),
    },
  };
  const look = mockLooks({ hosts });
  for (const [host, type] of [
    ['refusing', 'SshAuthFailed'],
    ['replaced', 'SshHostKeyMismatch'],
    ['nobody', 'SshUnknownHost'],
  ]) {
    const failure = await failureOf(look('sshReachable', { host }).result);
    assert.deepEqual([failure.type, failure.nonRetryable, failure.delayMs], [type, true, undefined]);
  }
});

void test('a look that hangs ends by its own deadline, and by a cancellation', async (t) => {
  const script = await startSshScript({ t, onExec: ({ accept }) => void accept() });
  const look = mockLooks({ hosts: hostsOf(script) });
  const failure = await failureOf(look('sshReachable', { ...INPUT, timeouts: { run: '200ms' } }).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshRunTimeout', false]);
  const hanging = look('sshReachable', INPUT);
  while (script.commands.length < 2) await new Promise((resolve) => setImmediate(resolve));
  hanging.cancel();
  await assert.rejects(hanging.result, CancelledFailure);
});

void test('bad options: all at once, and nothing is sent', async (t) => {
  const script = await startSshScript({ t });
  const input = { every: '10ms', notBootId: '', soon: true };
  const failure = await failureOf(mockLooks({ hosts: hostsOf(script) })('sshReachable', input).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshInvalidOptions', true]);
  for (const option of ['host', 'every', 'notBootId', 'soon']) assert.match(failure.message, new RegExp(`${option}: `));
  assert.equal(script.sockets.length, 0);
});
