import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sshString } from '../../ssh/auth/wire-format';
import { fingerprint } from '../../ssh/hosts/fingerprint';
import { readCredential } from '../../ssh/hosts/credential';
import { PrivateKeyCache } from '../../ssh/hosts/private-key';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { startAgent, startBadAgent, startUnwillingAgent } from './support/agent';
import { exec, fails, keyMethod, readKey, targetOf, timesOut } from './support/engine';

void test('keys of several types in a real agent', async (t) => {
  const sshd = await startSshd({ t });
  const keys = (['rsa', 'ecdsa'] as const).map((type) => makeKeyFiles(join(sshd.directory, type), { type }));
  const socket = await startAgent(t, ...keys.map(({ file }) => file), sshd.clientKeyFile);
  const target = targetOf(sshd, { auth: [{ type: 'agent', socket }] });
  assert.equal((await exec(target, 'echo in')).stdout, 'in\n');
});

void test('an agent whose keys the server does not take', async (t) => {
  const script = await startSshScript({ t, onAuth: (context) => context.reject(['publickey']) });
  const socket = await startAgent(t, script.clientKeyFile);
  const target = targetOf(script, { auth: [{ type: 'agent', socket }] });
  const message = /refused publickey \(agent\); it accepts publickey/;
  await fails(target, { stage: 'auth', type: 'SshAuthFailed', message });
  assert.deepEqual(script.authMethods, ['publickey']);
});

void test('an agent without keys: nobody refused anything', async (t) => {
  const script = await startSshScript({ t });
  const socket = await startAgent(t);
  const target = targetOf(script, { auth: [{ type: 'agent', socket }] });
  const message = /the agent has no key/;
  const error = await fails(target, { stage: 'auth', type: 'SshCredentialUnavailable', message });
  assert.doesNotMatch(error.message, /refused/);
  assert.deepEqual(script.authMethods, []);
});

void test('an agent that is gone', async (t) => {
  const script = await startSshScript({ t });
  const socket = join(makeScratch({ t }).path, 'gone');
  const target = targetOf(script, { auth: [{ type: 'agent', socket }] });
  const message = /the agent failed: Failed to connect to agent/;
  await fails(target, { stage: 'auth', type: 'SshCredentialUnavailable', message });
  const both = targetOf(script, { auth: [{ type: 'agent', socket }, keyMethod(script.clientKeyFile)] });
  assert.equal((await exec(both)).exitCode, 0);
});

void test('an agent that hangs up', async (t) => {
  const script = await startSshScript({ t });
  const socket = await startBadAgent(t, (agent) => agent.destroy());
  const target = targetOf(script, { auth: [{ type: 'agent', socket }] });
  await fails(target, { stage: 'auth', type: 'SshCredentialUnavailable', message: /the agent failed/ });
});

void test('an agent that never answers ends with the deadline, and its connection too', async (t) => {
  const script = await startSshScript({ t });
  const socket = await startBadAgent(t, (agent) => void agent.resume());
  const target = targetOf(script, { auth: [{ type: 'agent', socket }] });
  const timeout = { stage: 'auth', type: 'SshAuthTimeout', limitMs: 600 } as const;
  await timesOut(target, timeout, { deadlines: { auth: 600 } });
});

void test('an agent with more keys than MaxAuthTries, and the one that is named', async (t) => {
  const sshd = await startSshd({ t, config: ['MaxAuthTries 3'] });
  const others = [1, 2, 3, 4].map((index) => makeKeyFiles(join(sshd.directory, `other${index}`)));
  const socket = await startAgent(t, ...others.map(({ file }) => file), sshd.clientKeyFile);
  const error = await fails(targetOf(sshd, { auth: [{ type: 'agent', socket }] }), {
    stage: 'auth',
    type: 'SshAuthFailed',
    serverText: /too many authentication failures/i,
    message:
      /refused publickey \(agent, 3 keys\).*each key of an agent counts against MaxAuthTries: name the right one/,
  });
  assert.equal(error.retryable, false);

  const own = readFileSync(`${sshd.clientKeyFile}.pub`, 'utf8');
  const [blob = ''] = own.split(' ').slice(1);
  for (const identity of [own.trim(), fingerprint(Buffer.from(blob, 'base64'))]) {
    const credential = { agent: { socket, identities: [identity] } };
    const { methods, problems } = readCredential(credential, { baseDir: '/', keys: new PrivateKeyCache() });
    assert.deepEqual(problems, []);
    assert.equal((await exec(targetOf(sshd, { auth: methods }), 'echo in')).stdout, 'in\n');
  }
  // All of them are of the first login.
  assert.equal(sshd.log().match(/Failed publickey/g)?.length, 3, sshd.log());
  const missing = [{ type: 'agent', socket, identities: [`SHA256:${'A'.repeat(43)}`] }] as const;
  const none = /the agent has none of the keys under "identities"/;
  await fails(targetOf(sshd, { auth: missing }), { stage: 'auth', type: 'SshCredentialUnavailable', message: none });
});

void test('an agent that does not sign is passed over', async (t) => {
  const sshd = await startSshd({ t });
  const socket = await startUnwillingAgent(t, sshd.clientKeyFile);
  const alone = targetOf(sshd, { auth: [{ type: 'agent', socket }] });
  await fails(alone, {
    stage: 'auth',
    type: 'SshAuthFailed',
    message: /the agent failed: Agent responded with failure/,
  });
  const both = targetOf(sshd, { auth: [{ type: 'agent', socket }, keyMethod(sshd.clientKeyFile)] });
  assert.equal((await exec(both, 'echo in')).stdout, 'in\n');
});

void test('an agent whose signature is none is passed over, and does not end the process', async (t) => {
  const sshd = await startSshd({ t });
  const key = makeKeyFiles(join(sshd.directory, 'ecdsa'), { type: 'ecdsa' });
  appendFileSync(sshd.authorizedKeysFile, `${key.publicKey}\n`);
  const message = (...parts: readonly Buffer[]): Buffer => sshString(Buffer.concat(parts));
  const blob = readKey(key.file).getPublicSSH();
  const identities = message(Buffer.from([12, 0, 0, 0, 1]), sshString(blob), sshString('test'));
  const signature = sshString(Buffer.concat([sshString('ecdsa-sha2-nistp256'), sshString('garbage')]));
  const socket = await startBadAgent(t, (agent) => {
    agent.once('data', (request: Buffer) =>
      agent.write(request[4] === 11 ? identities : message(Buffer.from([14]), signature))
    );
  });
  const alone = targetOf(sshd, { auth: [{ type: 'agent', socket }] });
  await fails(alone, { stage: 'auth', type: 'SshAuthFailed', message: /the agent failed/ });
  const both = targetOf(sshd, { auth: [{ type: 'agent', socket }, keyMethod(sshd.clientKeyFile)] });
  assert.equal((await exec(both, 'echo in')).stdout, 'in\n');
});
