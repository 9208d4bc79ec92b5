import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { startAgent, startBadAgent } from './support/agent';
import { exec, fails, keyMethod, targetOf, timesOut } from './support/engine';

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
