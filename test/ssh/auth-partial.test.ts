import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeKeyFiles } from '../support/key-files';
import type { KeyType } from '../support/key-files';
import type { RealServer } from '../support/real-server';
import { makeScratch } from '../support/scratch';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { startAgent } from './support/agent';
import { exec, fails, keyMethod, targetOf } from './support/engine';
import { startWireServer } from './support/wire-server';

const failed = { stage: 'auth', type: 'SshAuthFailed' } as const;

/** One more key that may log in. */
function authorize(sshd: RealServer, name: string, type: KeyType): string {
  const key = makeKeyFiles(join(sshd.directory, name), { type });
  appendFileSync(sshd.authorizedKeysFile, `\n${key.publicKey}\n`);
  return key.file;
}

for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
  void test(`two keys, ${type}, because sshd wants both`, async (t) => {
    const sshd = await startSshd({ t, config: ['AuthenticationMethods publickey,publickey', 'MaxAuthTries 1'] });
    const files = [authorize(sshd, 'one', type), authorize(sshd, 'two', type)];
    const auth = files.map((file) => keyMethod(file));
    assert.equal((await exec(targetOf(sshd, { auth }), 'echo in')).stdout, 'in\n');
    const ofAgent = [{ type: 'agent', socket: await startAgent(t, ...files) } as const];
    assert.equal((await exec(targetOf(sshd, { auth: ofAgent }), 'echo in')).stdout, 'in\n');
    // The same key does not count twice, and is not tried twice.
    const again = targetOf(sshd, { auth: auth.slice(0, 1) });
    const message =
      /took publickey \(test key\) and wants more, for which this host has no credential; it accepts publickey/;
    await fails(again, { ...failed, message });
    assert.doesNotMatch(sshd.log(), /Failed publickey|maximum authentication attempts/);
  });
}

for (const type of ['ed25519', 'rsa'] as const) {
  void test(`an ${type} key of the worker or an agent, then a password`, async (t) => {
    const script = await startSshScript({
      t,
      onAuth: (context) => {
        if (context.method === 'password') context.accept();
        else if (context.method === 'publickey') {
          // The signature is checked by the library before; it is missing in the question whether the key would do.
          if (context.signature) context.reject(['password'], true);
          else context.accept();
        } else context.reject(['publickey']);
      },
    });
    const directory = makeScratch({ t }).path;
    const file = makeKeyFiles(join(directory, `key-${type}`), { type }).file;
    const other = makeKeyFiles(join(directory, `other-${type}`)).file;
    const password = { type: 'password', password: 'second factor' } as const;
    const agent = { type: 'agent', socket: await startAgent(t, file, other) } as const;
    for (const first of [keyMethod(file), agent]) {
      const before = script.authMethods.length;
      assert.equal((await exec(targetOf(script, { auth: [first, password] }))).exitCode, 0);
      // Question and signature, then the password: no second hash, and no second key of the agent.
      assert.deepEqual(script.authMethods.slice(before), ['publickey', 'publickey', 'password']);
    }
    const wrongOrder = targetOf(script, { auth: [password, keyMethod(file)] });
    const before = script.authMethods.length;
    assert.equal((await exec(wrongOrder)).exitCode, 0);
    assert.deepEqual(script.authMethods.slice(before), ['none', 'publickey', 'publickey', 'password']);
  });
}

void test('a key, then keyboard-interactive', async (t) => {
  const script = await startWireServer(t, {
    onAuth: (context) => {
      if (context.method === 'publickey') context.reject(['keyboard-interactive'], true);
      else if (context.method === 'keyboard-interactive') {
        context.prompt([{ prompt: 'Code: ', echo: false }], ([code]) =>
          code === '7' ? context.accept() : context.reject()
        );
      } else context.reject();
    },
    onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
  });
  const code = (answer: string) =>
    ({
      type: 'keyboard-interactive',
      answers: [{ pattern: 'code', matches: (text: string) => text.startsWith('Code'), answer }],
    }) as const;
  const key = keyMethod(script.clientKeyFile);
  assert.equal((await exec(targetOf(script, { auth: [key, code('7')] }))).exitCode, 0);
  assert.deepEqual(script.authMethods, ['publickey', 'keyboard-interactive']);
  const message = /took publickey \(test key\) and wants more, but refused keyboard-interactive/;
  await fails(targetOf(script, { auth: [key, code('8')] }), { ...failed, message });
  await fails(targetOf(script, { auth: [key] }), { ...failed, message: /it accepts keyboard-interactive/ });
});
