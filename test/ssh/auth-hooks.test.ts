import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'ssh2';
import { Authenticator } from '../../ssh/auth/authenticator';
import { signerOf, standIn } from '../../ssh/auth/offered-key';
import { hookUserAuth } from '../../ssh/auth/user-auth-hooks';
import type { AuthMethod } from '../../ssh/target';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { keyMethod, readKey, targetOf } from './support/engine';

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

void test('an RSA key is never offered with SHA-1, whatever the server lists and ssh2 makes of it', (t) => {
  const key = readKey(makeKeyFiles(join(makeScratch({ t }).path, 'rsa'), { type: 'rsa' }).file);
  const lists: readonly [readonly string[] | undefined, string][] = [
    [undefined, 'rsa-sha2-512'],
    [['ssh-rsa'], 'rsa-sha2-512'],
    [['ssh-rsa', 'rsa-sha2-256'], 'rsa-sha2-256'],
    [['rsa-sha2-256', 'rsa-sha2-512'], 'rsa-sha2-512'],
  ];
  for (const [algs, expected] of lists) {
    const offered: unknown[] = [];
    const protocol = {
      authPK: (_user: string, _key: object, algorithm: unknown, _sign?: unknown) => void offered.push(algorithm),
      _handlers: {
        USERAUTH_INFO_REQUEST: () => undefined,
        EXT_INFO: (_self: unknown, _extensions: unknown) => undefined,
      },
    };
    assert.equal(hookUserAuth({ _protocol: protocol } as unknown as Client, observer), true);
    if (algs) protocol._handlers.EXT_INFO(protocol, [{ name: 'server-sig-algs', algs }]);
    protocol.authPK('deploy', standIn(key, signerOf(key)), 'ssh-rsa');
    assert.deepEqual(offered, [expected]);
  }
});

void test('a server that takes no RSA signature with SHA-2 is told as such', () => {
  const target = targetOf({ address: '127.0.0.1', port: 22 });
  const authenticator = new Authenticator(target, { probe: false, onStop: () => undefined });
  authenticator.handler(['publickey'], false, () => undefined);
  // What ssh2 writes when it passes a key over.
  authenticator.observe('Skipping key authentication (no mutual hash algorithm)');
  const what = /accepts no method .*; it accepts publickey; it takes no signature of an RSA key with SHA-2/;
  assert.match(authenticator.refusal().what, what);
});
