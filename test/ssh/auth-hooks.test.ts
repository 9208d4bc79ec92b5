import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'ssh2';
import { Authenticator } from '../../ssh/auth/authenticator';
import { hookUserAuth } from '../../ssh/auth/user-auth-hooks';
import type { AuthMethod } from '../../ssh/target';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { keyMethod, targetOf } from './support/engine';

const observer = { onInfoRequest: () => true };

void test('an ssh2 that is made otherwise is left as it is', () => {
  const without = [{}, { _protocol: {} }, { _protocol: { authPK: () => undefined, _handlers: {} } }];
  for (const client of without) {
    const before = JSON.stringify(client);
    assert.equal(hookUserAuth(client as unknown as Client, observer), false);
    assert.equal(JSON.stringify(client), before);
  }
  assert.equal(hookUserAuth(new Client(), observer), false, 'not before it connects');
});

void test('without the hooks a plain key is offered, and nothing that ssh2 would do wrong', (t) => {
  const directory = makeScratch({ t }).path;
  const first = (method: AuthMethod): unknown => {
    let outcome: unknown;
    const target = targetOf({ address: '127.0.0.1', port: 22 }, { auth: [method] });
    const onStop = (type: string): void => void (outcome = type);
    const authenticator = new Authenticator(target, { probe: false, onStop });
    authenticator.handler(null as never, null as never, (next) => (outcome = (next as { type: string }).type));
    return outcome;
  };
  assert.equal(first(keyMethod(makeKeyFiles(join(directory, 'plain')).file)), 'publickey');
  assert.equal(first(keyMethod(makeKeyFiles(join(directory, 'rsa'), { type: 'rsa' }).file)), 'SshConfigUnsupported');
  assert.equal(first({ type: 'agent', socket: '/nowhere' }), 'SshConfigUnsupported');
});
