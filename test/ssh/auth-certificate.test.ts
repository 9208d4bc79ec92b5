import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseUserCertificate } from '../../ssh/auth/user-certificate';
import type { UserCertificate } from '../../ssh/auth/user-certificate';
import { readCredential } from '../../ssh/hosts/credential';
import type { CredentialResult } from '../../ssh/hosts/credential';
import type { Credential } from '../../ssh/hosts/host-config';
import { PrivateKeyCache } from '../../ssh/hosts/private-key';
import { makeKeyFiles } from '../support/key-files';
import type { KeyFiles, KeyType } from '../support/key-files';
import type { RealServer } from '../support/real-server';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startAgent } from './support/agent';
import { exec, fails, keyMethod, readKey, targetOf } from './support/engine';

/** A CA, and keys that it has signed. */
class Ground {
  readonly directory: string;
  readonly ca: KeyFiles;

  constructor(t: TestContext) {
    this.directory = makeScratch({ t }).path;
    this.ca = makeKeyFiles(join(this.directory, 'ca'));
  }

  key(name: string, type?: KeyType): string {
    return makeKeyFiles(join(this.directory, name), type ? { type } : {}).file;
  }

  /** Signs a key; the certificate is beside it. */
  sign(keyFile: string, user: string, ...options: readonly string[]): string {
    const args = ['-q', '-s', this.ca.file, '-I', 'of ops', ...(user ? ['-n', user] : []), ...options, `${keyFile}.pub`];
    execFileSync('ssh-keygen', args, { stdio: 'pipe' });
    return `${keyFile}-cert.pub`;
  }

  read(credential: Credential): CredentialResult {
    return readCredential(credential, { baseDir: this.directory, keys: new PrivateKeyCache() });
  }

  /** An sshd that knows no key, only the CA. */
  async sshd(t: TestContext, ...config: readonly string[]): Promise<RealServer> {
    const sshd = await startSshd({ t, config: [`TrustedUserCAKeys ${this.ca.file}.pub`, ...config] });
    writeFileSync(sshd.authorizedKeysFile, '');
    return sshd;
  }
}

function certificate(file: string): UserCertificate {
  const result = parseUserCertificate(readFileSync(file, 'utf8'));
  assert.ok('certificate' in result, JSON.stringify(result));
  return result.certificate;
}

for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
  void test(`a certificate of an ${type} key, read and in an agent`, async (t) => {
    const ground = new Ground(t);
    const sshd = await ground.sshd(t, 'MaxAuthTries 1');
    const key = ground.key('key', type);
    const certificateFile = ground.sign(key, sshd.user);
    const { methods, problems } = ground.read({ privateKeyFile: key, certificateFile });
    assert.deepEqual(problems, []);
    assert.equal((await exec(targetOf(sshd, { auth: methods }), 'echo in')).stdout, 'in\n');
    // The plain key opens nothing: it was the certificate.
    await fails(targetOf(sshd, { auth: [keyMethod(key)] }), { stage: 'auth', type: 'SshAuthFailed' });

    const others = [1, 2, 3].map((index) => ground.key(`other${index}`));
    const socket = await startAgent(t, ...others, key);
    const { methods: ofAgent } = ground.read({ agent: socket, certificateFile });
    assert.equal((await exec(targetOf(sshd, { auth: ofAgent }), 'echo in')).stdout, 'in\n');
    assert.equal(sshd.log().match(/Accepted publickey .*-CERT.* ID of ops/g)?.length, 2, sshd.log());
  });
}

for (const hash of ['rsa-sha2-256', 'rsa-sha2-512']) {
  void test(`a certificate of an RSA key where the server takes ${hash} only`, async (t) => {
    const ground = new Ground(t);
    const sshd = await ground.sshd(t, `PubkeyAcceptedAlgorithms ${hash},${hash}-cert-v01@openssh.com`);
    const key = ground.key('key', 'rsa');
    const { methods } = ground.read({ privateKeyFile: key, certificateFile: ground.sign(key, sshd.user) });
    assert.equal((await exec(targetOf(sshd, { auth: methods }), 'echo in')).stdout, 'in\n');
  });
}

void test('a refused certificate is told with the principals that it is for', async (t) => {
  const ground = new Ground(t);
  const sshd = await ground.sshd(t);
  const key = ground.key('key');
  const auth = ground.read({ privateKeyFile: key, certificateFile: ground.sign(key, 'alice,bob') }).methods;
  const expected = `the certificate "of ops" is for the principals alice, bob, not for the user ${sshd.user}`;
  await fails(targetOf(sshd, { auth }), { stage: 'auth', type: 'SshAuthFailed', message: new RegExp(expected) });
  const nobody = ground.read({ privateKeyFile: key, certificateFile: ground.sign(key, '') }).methods;
  const none = { stage: 'auth', type: 'SshAuthFailed', message: /"of ops" names no principal/ } as const;
  await fails(targetOf(sshd, { auth: nobody }), none);
});

void test('an agent that has not the key of the certificate', async (t) => {
  const ground = new Ground(t);
  const sshd = await ground.sshd(t);
  const certificateFile = ground.sign(ground.key('key'), sshd.user);
  const auth = ground.read({ agent: await startAgent(t, ground.key('other')), certificateFile }).methods;
  const message = /the agent does not have the certificate's key/;
  await fails(targetOf(sshd, { auth }), { stage: 'auth', type: 'SshCredentialUnavailable', message });
});

void test('certificates that are refused before anything is sent', (t) => {
  const ground = new Ground(t);
  const key = ground.key('key');
  const cases: readonly [string, readonly string[], RegExp][] = [
    ['expired', ['-V', '20200101:20200102'], /"of ops" that expired at 2020-01-0[123]T.*; have the key signed again/],
    ['not yet valid', ['-V', '20900101:20910101'], /"of ops" that is not valid before (2089-12-31|2090-01-0)/],
    ['for hosts', ['-h'], /a certificate for hosts, not for users/],
  ];
  for (const [name, options, expected] of cases) {
    const { methods, problems } = ground.read({ privateKeyFile: key, certificateFile: ground.sign(key, 'deploy', ...options) });
    assert.deepEqual([methods, problems.length], [[], 1], name);
    assert.equal(problems[0]?.type, 'SshAuthKeyUnusable');
    assert.deepEqual(problems[0].path, ['certificateFile']);
    assert.match(problems[0].message, expected);
  }
  const ofOther = ground.sign(ground.key('other'), 'deploy');
  assert.match(ground.read({ privateKeyFile: key, certificateFile: ofOther }).problems[0]?.message ?? '', /of another key/);
  const found = (text: string): string => {
    const result = parseUserCertificate(text);
    return 'found' in result ? result.found : assert.fail('is a certificate');
  };
  assert.match(found(readFileSync(`${key}.pub`, 'utf8')), /a plain public key; .*-cert\.pub/);
  assert.match(found(readFileSync(key, 'utf8')), /a PEM file/);
  assert.match(found('hello'), /no certificate/);
  assert.match(found('sk-ssh-ed25519-cert-v01@openssh.com AAAA'), /damaged/);
});

void test('every cut of a certificate is damaged, and none a crash', (t) => {
  const ground = new Ground(t);
  const [type = '', base64 = ''] = readFileSync(ground.sign(ground.key('key'), 'deploy'), 'utf8').split(' ');
  const blob = Buffer.from(base64, 'base64');
  for (let length = 0; length < blob.length; length += 1) {
    const result = parseUserCertificate(`${type} ${blob.subarray(0, length).toString('base64')}`);
    assert.deepEqual(result, { found: 'a damaged certificate' }, `${length} of ${blob.length} bytes`);
  }
});

void test('fields of a certificate', (t) => {
  const ground = new Ground(t);
  const key = ground.key('key', 'ecdsa');
  const { keyId, principals, publicKey, validBefore } = certificate(ground.sign(key, 'a,b'));
  assert.deepEqual([keyId, principals, validBefore], ['of ops', ['a', 'b'], 2n ** 64n - 1n]);
  assert.ok(publicKey.equals(readKey(key).getPublicSSH()));
});
