import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readCredential } from '../../ssh/hosts/credential';
import type { Credential } from '../../ssh/hosts/host-config';
import { PrivateKeyCache } from '../../ssh/hosts/private-key';
import type { AuthMethod } from '../../ssh/target';
import { makeKeyFiles } from '../support/key-files';
import type { RealServer } from '../support/real-server';
import { privateFilesSkipReason } from '../support/private-files';
import { startSshd } from '../support/sshd';
import { exec, fails, keyMethod, targetOf } from './support/engine';

const skip = privateFilesSkipReason();
const PASSWORD = 'correct horse';
const PAM = [
  'auth required pam_unix.so nodelay',
  'account required pam_unix.so',
  'password required pam_unix.so',
  'session required pam_permit.so',
].join('\n');

// Fields of shadow(5) after the hash: last change, minimum, maximum, warning, inactivity, expiry of the account.
const VALID = '19000::::::';
const MUST_CHANGE = '0::::::';
const ACCOUNT_EXPIRED = '19000:::::2:';

/** An sshd with PAM, at which the user has {@link PASSWORD}. */
async function startPamSshd(t: TestContext, shadow: string, ...config: readonly string[]): Promise<RealServer> {
  const hash = execFileSync('openssl', ['passwd', '-6', PASSWORD], { encoding: 'utf8' }).trim();
  const files = { '/etc/shadow': `${userInfo().username}:${hash}:${shadow}\n`, '/etc/pam.d/sshd': `${PAM}\n` };
  return startSshd({ t, files, config: ['UsePAM yes', 'KbdInteractiveAuthentication yes', ...config] });
}

function methods(credential: Credential): readonly AuthMethod[] {
  const { methods: read, problems } = readCredential(credential, { baseDir: '/', keys: new PrivateKeyCache() });
  assert.deepEqual(problems, []);
  return read;
}

function failures(sshd: RealServer): number {
  return sshd.log().match(/Failed (publickey|password|keyboard-interactive)/g)?.length ?? 0;
}

void test('a password, asked for by PAM or taken as it is', { skip }, async (t) => {
  const asked = await startPamSshd(t, VALID, 'MaxAuthTries 1');
  const taken = await startPamSshd(t, VALID, 'MaxAuthTries 1', 'PasswordAuthentication yes');
  for (const sshd of [asked, taken]) {
    const target = targetOf(sshd, { auth: methods({ password: PASSWORD }) });
    assert.equal((await exec(target, 'echo in')).stdout, 'in\n');
    const wrong = targetOf(sshd, { auth: methods({ password: 'battery staple' }) });
    await fails(wrong, { stage: 'auth', type: 'SshAuthFailed' });
  }
  assert.match(asked.log(), /Accepted keyboard-interactive\/pam/);
  assert.match(taken.log(), /Accepted password/);
});

void test('a wrong password costs one try where sshd takes it in both ways', { skip }, async (t) => {
  const sshd = await startPamSshd(t, VALID, 'PasswordAuthentication yes');
  const target = targetOf(sshd, { auth: methods({ password: 'battery staple' }) });
  await fails(target, { stage: 'auth', type: 'SshAuthFailed', message: /refused password; it accepts/ });
  await sshd.waitForLog(/(Connection (closed|reset)|Received disconnect)/);
  assert.equal(failures(sshd), 1, sshd.log());
});

for (const second of ['password', 'keyboard-interactive']) {
  for (const type of ['ed25519', 'rsa'] as const) {
    void test(`an ${type} key, then ${second}, with no try to spare`, { skip }, async (t) => {
      const config = [`AuthenticationMethods publickey,${second}`, 'PasswordAuthentication yes', 'MaxAuthTries 1'];
      const sshd = await startPamSshd(t, VALID, ...config);
      const key = makeKeyFiles(join(sshd.directory, 'key'), { type });
      writeFileSync(sshd.authorizedKeysFile, `${key.publicKey}\n`);
      const auth = [keyMethod(key.file), ...methods({ password: PASSWORD })];
      assert.equal((await exec(targetOf(sshd, { auth }), 'echo in')).stdout, 'in\n');
      assert.equal(failures(sshd), 0, sshd.log());
      const message = /took publickey \(test key\) and wants more/;
      const half = targetOf(sshd, { auth: auth.slice(0, 1) });
      await fails(half, { stage: 'auth', type: 'SshAuthFailed', message });
    });
  }
}

void test('a password that must be changed', { skip }, async (t) => {
  const sshd = await startPamSshd(t, MUST_CHANGE);
  const target = targetOf(sshd, { auth: methods({ password: PASSWORD }) });
  await fails(target, { stage: 'auth', type: 'SshAuthPasswordExpired', message: /it asks ".*change your password/ });
});

void test('an account that has expired', { skip }, async (t) => {
  const sshd = await startPamSshd(t, ACCOUNT_EXPIRED);
  const expected = { stage: 'auth', type: 'SshAuthFailed', serverText: /account has expired/i } as const;
  await fails(targetOf(sshd), expected);
  await fails(targetOf(sshd, { auth: methods({ password: PASSWORD }) }), expected);
});
