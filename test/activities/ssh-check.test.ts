import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/handles';
import { exit, startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { failureOf } from './failure-of';
import { hostConfig, hostsOf } from './mock-step';
import { mockLooks } from './mock-look';

const ODD = `it's $HOME; touch "x" & ls *`;

void test('OpenSSH: the stages, the user, and the programs that are missing', async (t) => {
  const sshd = await startSshd({ t });
  const look = mockLooks({ hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user }) } } });
  const programs = ['sh', 'no-such-program', '/bin/sh', '/no/such/program', ODD, 'ls'];
  const { stages, ...result } = await assertNothingLeft(async () => look('sshCheck', { host: 'box', programs }).result);
  assert.deepEqual(result, {
    host: 'box',
    hostKeyFingerprint: sshd.hostFingerprint,
    user: sshd.user,
    missing: ['no-such-program', '/no/such/program', ODD],
  });
  assert.deepEqual(
    stages.map(({ stage, ok }) => [stage, ok]),
    ['config', 'connect', 'banner', 'kex', 'auth'].map((stage) => [stage, true])
  );
  assert.ok(stages.every(({ ms }) => Number.isInteger(ms) && ms >= 0));
  assert.deepEqual((await look('sshCheck', { host: 'box' }).result).missing, []);
});

void test('a connection of its own: one that is there already proves nothing of the credentials', async (t) => {
  const sshd = await startSshd({ t });
  const hosts = { hosts: { box: hostConfig(sshd, { user: sshd.user }) } };
  const look = mockLooks({ hosts, pool: { idle: '1m' } });
  await look('sshReachable', { host: 'box' }).result;
  writeFileSync(sshd.authorizedKeysFile, '');
  await look('sshReachable', { host: 'box' }).result;
  const failure = await failureOf(look('sshCheck', { host: 'box' }).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshAuthFailed', true]);
});

void test('no POSIX shell answers: it is missing, and so is all else', async (t) => {
  const script = await startSshScript({
    t,
    onExec: ({ accept }) => {
      const channel = accept();
      channel.write('This account is for the menu only.\n', () => exit(channel, 0));
    },
  });
  const look = mockLooks({ hosts: hostsOf(script) });
  const { missing } = await look('sshCheck', { host: 'box', programs: ['tar', '/bin/sh'] }).result;
  assert.deepEqual(missing, ['/bin/sh', 'tar']);
});

void test('failures are those of a step', async (t) => {
  const script = await startSshScript({ t, fault: { stage: 'banner', how: 'fin' } });
  const failure = await failureOf(mockLooks({ hosts: hostsOf(script) })('sshCheck', { host: 'box' }).result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.details.stage], ['SshBannerClosed', false, 'banner']);
});

void test('bad options: all at once', async (t) => {
  const script = await startSshScript({ t });
  const look = mockLooks({ hosts: hostsOf(script) });
  for (const [programs, message] of [
    ['tar', /programs: expected a list/],
    [['tar', 5], /programs\.1: /],
    [['-v'], /programs\.0: .*"-v"/],
    [['a\nb'], /programs\.0: /],
    [new Array(1_001).fill('x'), /programs: expected at most 1000, found 1001/],
    [['x'.repeat(200_000)], /programs: expected at most \d+ bytes/],
  ] as const) {
    const failure = await failureOf(look('sshCheck', { host: 'box', programs }).result);
    assert.equal(failure.type, 'SshInvalidOptions');
    assert.match(failure.message, message);
  }
  assert.equal(script.sockets.length, 0);
});
