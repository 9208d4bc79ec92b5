import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCredential } from '../../ssh/hosts/credential';
import { PrivateKeyCache } from '../../ssh/hosts/private-key';
import type { AuthMethod } from '../../ssh/target';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startAgent } from './support/agent';
import { exec, fails, keyMethod, targetOf } from './support/engine';
import { startWireServer } from './support/wire-server';

const PASSPHRASE = 'correct horse';

function methods(directory: string, privateKeyFile: string, passphrase?: string): readonly AuthMethod[] {
  const context = { baseDir: directory, keys: new PrivateKeyCache() };
  const { methods: read, problems } = readCredential({ privateKeyFile, ...(passphrase && { passphrase }) }, context);
  assert.deepEqual(problems, [], privateKeyFile);
  return read;
}

const TYPES = [
  ['ed25519'],
  ['ecdsa', '-b', '256'],
  ['ecdsa', '-b', '384'],
  ['ecdsa', '-b', '521'],
  ['rsa', '-b', '2048'],
] as const;

void test('ssh-keygen: every type of key logs in to sshd, in every format, plain and encrypted', async (t) => {
  const sshd = await startSshd({ t, config: ['MaxAuthTries 1'] });
  for (const [type, ...bits] of TYPES) {
    for (const format of ['RFC4716', 'PEM', 'PKCS8']) {
      for (const passphrase of ['', PASSPHRASE]) {
        // ssh-keygen writes Ed25519 in its own format, whatever it is told.
        if (type === 'ed25519' && format !== 'RFC4716') continue;
        const file = join(sshd.directory, `${type}-${bits.at(-1) ?? ''}-${format}-${passphrase.length}`);
        const args = ['-q', '-t', type, ...bits, '-m', format, '-N', passphrase, '-f', file];
        execFileSync('ssh-keygen', args, { stdio: 'pipe' });
        execFileSync('cp', [`${file}.pub`, sshd.authorizedKeysFile]);
        const target = targetOf(sshd, { auth: methods(sshd.directory, file, passphrase) });
        assert.equal((await exec(target, 'echo in')).stdout, 'in\n', file);
      }
    }
  }
});

void test('openssl genpkey: PKCS#8 keys log in to sshd, Ed25519 too', async (t) => {
  const sshd = await startSshd({ t });
  for (const algorithm of ['ed25519', 'ec:P-256', 'ec:P-384', 'ec:P-521', 'rsa']) {
    const [name = '', curve] = algorithm.split(':');
    for (const cipher of [[], ['-aes256', '-pass', `pass:${PASSPHRASE}`]]) {
      const file = join(sshd.directory, `${name}-${curve ?? ''}-${cipher.length}`);
      const options = curve === undefined ? [] : ['-pkeyopt', `ec_paramgen_curve:${curve}`];
      execFileSync('openssl', ['genpkey', '-algorithm', name, ...options, ...cipher, '-out', file], { stdio: 'pipe' });
      chmodSync(file, 0o600);
      const auth = methods(sshd.directory, file, PASSPHRASE);
      const [method] = auth;
      const key = method?.type === 'publickey' ? method.key : assert.fail('no key');
      writeFileSync(sshd.authorizedKeysFile, `${key.type} ${key.getPublicSSH().toString('base64')}\n`);
      assert.equal((await exec(targetOf(sshd, { auth }), 'echo in')).stdout, 'in\n', file);
    }
  }
});

void test('an RSA key is offered once, with SHA-512 or what the server says instead', async (t) => {
  const sshd = await startSshd({ t, config: ['LogLevel DEBUG', 'MaxAuthTries 1'] });
  const key = makeKeyFiles(join(sshd.directory, 'rsa'), { type: 'rsa' });
  writeFileSync(sshd.authorizedKeysFile, `${key.publicKey}\n`);
  for (const auth of [keyMethod(key.file), { type: 'agent', socket: await startAgent(t, key.file) } as const]) {
    assert.equal((await exec(targetOf(sshd, { auth: [auth] }), 'echo in')).stdout, 'in\n');
  }
  const algorithms = [...sshd.log().matchAll(/pkalg (\S+)/g)].map(([, algorithm]) => algorithm);
  assert.deepEqual(new Set(algorithms), new Set(['rsa-sha2-512']));
});

void test('an RSA key at Dropbear, which takes SHA-256 only', { skip: dropbearSkipReason() }, async (t) => {
  const dropbear = await startDropbear({ t });
  const key = makeKeyFiles(join(dropbear.directory, 'rsa'), { type: 'rsa' });
  writeFileSync(dropbear.authorizedKeysFile, `${key.publicKey}\n`);
  assert.equal((await exec(targetOf(dropbear, { auth: [keyMethod(key.file)] }), 'echo in')).stdout, 'in\n');
});

void test('a server that lists SHA-256 and no SHA-512 that could be read', async (t) => {
  const seen: unknown[] = [];
  const script = await startWireServer(t, {
    onAuth: (context) => {
      // ssh2's server forgets the comma before rsa-sha2-512 in its list. It has taken the algorithm apart, into type and
      // hash; for SHA-1 there is none.
      seen.push((context as { readonly hashAlgo?: string }).hashAlgo);
      context.reject(['publickey']);
    },
  });
  const key = makeKeyFiles(join(makeScratch({ t }).path, 'rsa'), { type: 'rsa' });
  const refused = { stage: 'auth', type: 'SshAuthFailed', message: /refused publickey \(test key\)/ } as const;
  await fails(targetOf(script, { auth: [keyMethod(key.file)] }), refused);
  assert.deepEqual(seen, ['sha256']);
});
