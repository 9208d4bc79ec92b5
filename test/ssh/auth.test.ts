import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { exec, fails, keyMethod, targetOf, timesOut } from './support/engine';
import { startWireServer } from './support/wire-server';

const auth = { stage: 'auth' } as const;

void test('a key that OpenSSH does not know is offered once', async (t) => {
  const sshd = await startSshd({ t });
  const other = makeKeyFiles(join(sshd.directory, 'other'));
  const target = targetOf(sshd, { auth: [keyMethod(other.file, 'key of ops')] });
  const message = /refused publickey \(key of ops\); it accepts publickey \(stage auth/;
  const error = await fails(target, { ...auth, type: 'SshAuthFailed', message });
  assert.equal(error.retryable, false);
  await sshd.waitForLog(/(Connection (closed|reset)|Received disconnect)/);
  assert.equal(sshd.log().match(/Failed publickey for/g)?.length ?? 1, 1, sshd.log());
});

void test('a key that Dropbear does not know', { skip: dropbearSkipReason() }, async (t) => {
  const dropbear = await startDropbear({ t });
  const other = makeKeyFiles(join(dropbear.directory, 'other'));
  const target = targetOf(dropbear, { auth: [keyMethod(other.file)] });
  await fails(target, { ...auth, type: 'SshAuthFailed', message: /it accepts publickey/ });
});

void test('each credential is tried exactly once, in order, and only if the server lists its method', async (t) => {
  const script = await startSshScript({ t, onAuth: (context) => context.reject(['publickey']) });
  const second = makeKeyFiles(join(makeScratch({ t }).path, 'second'));
  const target = targetOf(script, {
    auth: [
      keyMethod(script.clientKeyFile, 'first'),
      { type: 'password', password: 'never sent' },
      keyMethod(second.file, 'second'),
    ],
  });
  const message = /refused publickey \(first\), publickey \(second\); it accepts publickey/;
  const error = await fails(target, { ...auth, type: 'SshAuthFailed', message });
  assert.deepEqual(script.authMethods, ['publickey', 'publickey']);
  assert.doesNotMatch(JSON.stringify({ ...error, message: error.message, stack: error.stack }), /never sent/);
});

void test('passwords: the right one, a wrong one, and none that is accepted', async (t) => {
  const script = await startSshScript({
    t,
    onAuth: (context) => {
      if (context.method === 'password' && context.password === 'correct horse') context.accept();
      else context.reject(['password']);
    },
  });
  const right = targetOf(script, { auth: [{ type: 'password', password: 'correct horse' }] });
  assert.equal((await exec(right)).exitCode, 0);
  const wrong = targetOf(script, { auth: [{ type: 'password', password: 'battery staple' }] });
  const error = await fails(wrong, {
    ...auth,
    type: 'SshAuthFailed',
    message: /refused password; it accepts password/,
  });
  assert.doesNotMatch(`${error.message}${error.stack}`, /battery staple/);
  assert.deepEqual(script.authMethods, ['none', 'password', 'none', 'password']);
  const fallback = targetOf(script, { auth: [keyMethod(script.clientKeyFile), ...right.auth] });
  assert.equal((await exec(fallback)).exitCode, 0);
});

void test('a key and then a password, because the server wants both', async (t) => {
  const script = await startSshScript({
    t,
    onAuth: (context) => {
      if (context.method === 'password') context.accept();
      else context.reject(['password'], true);
    },
  });
  const target = targetOf(script, {
    auth: [keyMethod(script.clientKeyFile), { type: 'password', password: 'second factor' }],
  });
  assert.equal((await exec(target)).exitCode, 0);
  assert.deepEqual(script.authMethods, ['publickey', 'password']);
});

void test('methods of which the host has no credential', async (t) => {
  const script = await startWireServer(t, { onAuth: (context) => context.reject(['keyboard-interactive']) });
  const message = /refused publickey \(test key\); it accepts keyboard-interactive/;
  await fails(targetOf(script), { ...auth, type: 'SshAuthFailed', message });
});

void test('a user that sshd lets not in', async (t) => {
  const sshd = await startSshd({ t, config: ['DenyUsers *'] });
  await fails(targetOf(sshd), { ...auth, type: 'SshAuthFailed' });
});

void test('MaxAuthTries is a refused authentication', async (t) => {
  const sshd = await startSshd({ t, config: ['MaxAuthTries 1'] });
  const keys = [1, 2, 3].map((index) => keyMethod(makeKeyFiles(join(sshd.directory, `key${index}`)).file, `${index}`));
  await fails(targetOf(sshd, { auth: keys }), {
    ...auth,
    type: 'SshAuthFailed',
    serverText: /too many authentication failures/i,
    message: /refused publickey \(1\)/,
  });
});

void test('silence, FIN and RST instead of an answer', async (t) => {
  const silent = await startSshScript({ t, fault: { stage: 'auth', how: 'silence' } });
  const timeout = { ...auth, type: 'SshAuthTimeout', limitMs: 600 } as const;
  await timesOut(targetOf(silent), timeout, { deadlines: { auth: 600 } });
  for (const how of ['fin', 'rst'] as const) {
    const script = await startSshScript({ t, fault: { stage: 'auth', how } });
    await fails(targetOf(script), { ...auth, type: 'SshConnectionLost' });
    assert.deepEqual(script.authMethods, ['publickey']);
  }
});

void test('an answer to every request and no end does not move the deadline', async (t) => {
  const timers = new Set<NodeJS.Timeout>();
  t.after(() => timers.forEach((timer) => clearInterval(timer)));
  const script = await startWireServer(t, {
    onAuth: (_context, wire) => {
      const timer = setInterval(() => wire.socket.destroyed || wire.ignore(), 50);
      timers.add(timer.unref());
    },
  });
  const timeout = { ...auth, type: 'SshAuthTimeout', limitMs: 600 } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { auth: 600 } });
});

void test('the server disconnects with a reason', async (t) => {
  const reasons = [
    [2, 'Too many authentication failures', 'SshAuthFailed'],
    [2, 'Internal error', 'SshDisconnected'],
    [7, 'Service not available', 'SshDisconnected'],
    [12, 'Too many logins for user', 'SshServerBusy'],
    [13, 'Cancelled by user', 'SshAuthFailed'],
    [14, 'No more authentication methods', 'SshAuthFailed'],
    [15, 'Illegal user name', 'SshAuthFailed'],
  ] as const;
  for (const [reason, text, type] of reasons) {
    const script = await startWireServer(t, { onAuth: (_context, wire) => void wire.disconnect(reason, text) });
    await fails(targetOf(script), { ...auth, type, serverText: new RegExp(`^${text}$`) });
  }
  // RFC 4253 section 11.1: 11 is what a peer says that goes by its own wish; ssh2 keeps its text to itself.
  const script = await startWireServer(t, { onAuth: (_context, wire) => void wire.disconnect(11, 'shutting down') });
  await fails(targetOf(script), { ...auth, type: ['SshConnectionLost', 'SshDisconnected'] });
});

void test('a password that has expired is not a timeout', async (t) => {
  const script = await startWireServer(t, {
    onAuth: (context) => {
      if (context.method === 'password') context.requestChange('too old', () => undefined);
      else context.reject(['password']);
    },
  });
  const target = targetOf(script, { auth: [{ type: 'password', password: 'aged' }] });
  const error = await fails(target, { ...auth, type: 'SshAuthPasswordExpired' });
  assert.ok(error.details.elapsedMs < 10_000);
});

void test("the server's banner is told with a refusal, cleaned", async (t) => {
  const scratch = makeScratch({ t });
  const banner = join(scratch.path, 'banner');
  writeFileSync(banner, '\x1b[31mAuthorised\r\nusers only\n');
  const sshd = await startSshd({ t, config: [`Banner ${banner}`] });
  const other = makeKeyFiles(join(scratch.path, 'other'));
  const target = targetOf(sshd, { auth: [keyMethod(other.file)] });
  await fails(target, { ...auth, type: 'SshAuthFailed', serverText: /Authorised users only/ });
  assert.equal((await exec(targetOf(sshd), 'true')).exitCode, 0);
});
