import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { readCredential } from '../../../ssh/hosts/credential';
import type { CredentialResult } from '../../../ssh/hosts/credential';
import type { CredentialProblem } from '../../../ssh/hosts/credential-problem';
import type { Credential } from '../../../ssh/hosts/host-config';
import { PrivateKeyCache } from '../../../ssh/hosts/private-key';
import { createFixture } from './fixture';

const VARIABLE = 'TEMPORAL_SSH_TEST_SECRET';

describe('readCredential', () => {
  const fixture = createFixture();
  const agent = createServer();
  const { SSH_AUTH_SOCK } = process.env;

  before(async () => {
    fixture.key('plain');
    fixture.key('locked', { passphrase: 'correct horse' });
    await new Promise<void>((resolve) => agent.listen(fixture.path('agent.sock'), resolve));
  });
  afterEach(() => {
    delete process.env[VARIABLE];
    if (SSH_AUTH_SOCK === undefined) delete process.env['SSH_AUTH_SOCK'];
    else process.env['SSH_AUTH_SOCK'] = SSH_AUTH_SOCK;
  });
  after(() => {
    agent.close();
    fixture.remove();
  });

  const read = (credential: Credential): CredentialResult =>
    readCredential(credential, { baseDir: fixture.dir, keys: new PrivateKeyCache() });

  function problem(credential: Credential): CredentialProblem {
    const { problems } = read(credential);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    return problems[0] as CredentialProblem;
  }

  it('offers key, agent and password in this order', () => {
    const { methods, problems } = read({ password: 'pw', agent: 'agent.sock', privateKeyFile: 'plain' });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      methods.map(({ type }) => type),
      ['publickey', 'agent', 'password']
    );
    assert.deepEqual(methods[1], { type: 'agent', socket: fixture.path('agent.sock') });
    assert.deepEqual(methods[2], { type: 'password', password: 'pw' });
  });

  it('takes secrets from variables and files, without the newline at the end', () => {
    process.env[VARIABLE] = 'correct horse';
    assert.equal(read({ privateKeyFile: 'locked', passphrase: { env: VARIABLE } }).methods.length, 1);
    fixture.write('phrase', 'correct horse\n');
    assert.equal(read({ privateKeyFile: 'locked', passphrase: { file: 'phrase' } }).methods.length, 1);
    process.env[VARIABLE] = readFileSync(fixture.path('plain'), 'utf8');
    assert.equal(read({ privateKey: { env: VARIABLE } }).methods.length, 1);
    process.env[VARIABLE] = process.env[VARIABLE].replaceAll('\n', '\\n');
    assert.equal(read({ privateKey: { env: VARIABLE } }).methods.length, 1);
  });

  it('takes the agent of SSH_AUTH_SOCK', () => {
    process.env['SSH_AUTH_SOCK'] = fixture.path('agent.sock');
    assert.deepEqual(read({ agent: true }).methods, [{ type: 'agent', socket: fixture.path('agent.sock') }]);
  });

  const cases: readonly [string, Credential, CredentialProblem['type'], string, RegExp][] = [
    [
      'a file that is not there',
      { privateKeyFile: 'none' },
      'SshCredentialUnavailable',
      'privateKeyFile',
      /at .*none, found no such file/,
    ],
    ['a directory', { privateKeyFile: '.' }, 'SshCredentialUnavailable', 'privateKeyFile', /found a directory/],
    [
      'a variable that is not set',
      { password: { env: VARIABLE } },
      'SshCredentialUnavailable',
      'password',
      /TEMPORAL_SSH_TEST_SECRET.*found none/,
    ],
    [
      'a secret file that is not there',
      { password: { file: 'none' } },
      'SshCredentialUnavailable',
      'password',
      /none, found no such file/,
    ],
    ['no passphrase', { privateKeyFile: 'locked' }, 'SshAuthKeyUnusable', 'privateKeyFile', /no passphrase/],
    [
      'a wrong passphrase',
      { privateKeyFile: 'locked', passphrase: 'battery staple' },
      'SshAuthKeyUnusable',
      'privateKeyFile',
      /does not decrypt/,
    ],
    ['a public key', { privateKeyFile: 'plain.pub' }, 'SshCredentialUnavailable', 'privateKeyFile', /chmod 600/],
    ['text that is no key', { privateKey: 'battery staple' }, 'SshAuthKeyUnusable', 'privateKey', /no private key/],
    ['nothing', {}, 'SshCredentialUnavailable', '', /at least one of/],
    ['an agent that is switched off', { agent: false }, 'SshCredentialUnavailable', '', /at least one of/],
    ['an agent that is not there', { agent: 'none' }, 'SshCredentialUnavailable', 'agent', /none, found no such file/],
    ['an agent that is a file', { agent: 'plain' }, 'SshCredentialUnavailable', 'agent', /no socket/],
    [
      'a passphrase without key',
      { passphrase: 'x', password: 'y' },
      'SshCredentialUnavailable',
      'passphrase',
      /a private key that it decrypts/,
    ],
    ['two keys', { privateKey: 'x', privateKeyFile: 'plain' }, 'SshCredentialUnavailable', 'privateKey', /found both/],
  ];
  for (const [name, credential, type, field, message] of cases) {
    it(`refuses ${name}`, () => {
      const found = problem(credential);
      assert.equal(found.type, type);
      assert.equal(found.path.join('.'), field);
      assert.match(found.message, message);
      assert.doesNotMatch(found.message, /battery staple/);
    });
  }

  it('refuses an empty variable, an empty file and an agent without SSH_AUTH_SOCK', () => {
    process.env[VARIABLE] = '';
    assert.match(problem({ password: { env: VARIABLE } }).message, /found an empty one/);
    fixture.write('empty', '\n');
    assert.match(problem({ password: { file: 'empty' } }).message, /found an empty file/);
    delete process.env['SSH_AUTH_SOCK'];
    assert.match(problem({ agent: true }).message, /SSH_AUTH_SOCK, found none/);
  });

  it('refuses keys and secrets that are open to others, as OpenSSH does', () => {
    for (const mode of [0o640, 0o604, 0o610]) {
      chmodSync(fixture.path('plain'), mode);
      const octal = `0${mode.toString(8)}`;
      const expected = new RegExp(`mode ${octal}\\); close it with: chmod 600 ${fixture.path('plain')}`);
      assert.match(problem({ privateKeyFile: 'plain' }).message, expected);
      assert.match(problem({ password: { file: 'plain' } }).message, expected);
      assert.equal(fixture.keygen('-y', '-f', fixture.path('plain')), '');
    }
    chmodSync(fixture.path('plain'), 0o400);
    assert.deepEqual(read({ privateKeyFile: 'plain' }).problems, []);
    assert.notEqual(fixture.keygen('-y', '-f', fixture.path('plain')), '');
  });

  it('refuses a file that is larger than any key', () => {
    truncateSync(fixture.write('large', ''), 1024 * 1024 + 1);
    assert.match(problem({ privateKeyFile: 'large' }).message, /a file of 1048577 bytes, more than 1048576/);
  });

  it('does not wait for a named pipe', () => {
    execFileSync('mkfifo', [fixture.path('pipe')]);
    assert.match(problem({ privateKeyFile: 'pipe' }).message, /no regular file/);
  });
});
