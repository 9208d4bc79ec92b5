import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHostDirectory } from '../../ssh/hosts';
import type { HostConfig } from '../../ssh/hosts';
import { SshError } from '../../ssh/ssh-error';
import type { SshTarget } from '../../ssh/target';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { startSshScript } from '../support/ssh-script';
import type { SshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { checkFailure, exec, fails } from './support/engine';
import { startRewritingFront } from './support/rewriting-front';

/** A target as the hosts file makes it. */
async function target(script: SshScript, host: Partial<HostConfig>): Promise<SshTarget> {
  const credential = { privateKeyFile: script.clientKeyFile };
  const config = { address: script.address, port: script.port, user: 'deploy', credential, ...host };
  return createHostDirectory({ hosts: { 'web-1': config } }).resolve('web-1');
}

function length(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(text.length);
  return bytes;
}

const kex = { stage: 'kex' } as const;

/** The key must have been refused before anything of the credential was sent. */
function assertNoCredential(script: SshScript): void {
  assert.deepEqual(script.authMethods, []);
  assert.deepEqual(script.commands, []);
}

void test('another key than the pinned one', async (t) => {
  const script = await startSshScript({ t });
  const other = makeKeyFiles(join(makeScratch({ t }).path, 'other'));
  const error = await fails(await target(script, { hostKey: other.fingerprint }), {
    ...kex,
    type: 'SshHostKeyMismatch',
    message: /Somebody may be in between/,
  });
  assert.ok(error.message.includes(other.fingerprint) && error.message.includes(script.hostFingerprint));
  assertNoCredential(script);
});

void test('another key than the one in known_hosts', async (t) => {
  const script = await startSshScript({ t });
  const scratch = makeScratch({ t });
  const other = makeKeyFiles(join(scratch.path, 'other'));
  const knownHosts = scratch.write('known_hosts', `[127.0.0.1]:${script.port} ${other.publicKey}\n`);
  for (const strictHostKeyChecking of ['yes', 'accept-new'] as const) {
    const refused = await target(script, { knownHosts, strictHostKeyChecking });
    await fails(refused, { ...kex, type: 'SshHostKeyMismatch', message: /known_hosts:1/ });
  }
  assertNoCredential(script);
});

void test('a host of which no key is known', async (t) => {
  const script = await startSshScript({ t });
  const knownHosts = makeScratch({ t }).write('known_hosts', '');
  await fails(await target(script, { knownHosts }), { ...kex, type: 'SshHostKeyUnknown' });
  assertNoCredential(script);
  assert.equal(readFileSync(knownHosts, 'utf8'), '');
});

void test('a key that is revoked', async (t) => {
  const script = await startSshScript({ t });
  const { publicKey } = script.hostKey;
  const lines = `${script.knownHostsLine}\n@revoked * ${publicKey}\n`;
  const knownHosts = makeScratch({ t }).write('known_hosts', lines);
  await fails(await target(script, { knownHosts }), { ...kex, type: 'SshHostKeyRevoked', message: /known_hosts:2/ });
  assertNoCredential(script);
});

void test('a key that is pinned, but revoked in the known_hosts file that is given as well', async (t) => {
  const script = await startSshScript({ t });
  const knownHosts = makeScratch({ t }).write('known_hosts', `@revoked * ${script.hostKey.publicKey}\n`);
  const pinned = { hostKey: script.hostFingerprint };
  const refused = await target(script, { ...pinned, knownHosts });
  await fails(refused, { ...kex, type: 'SshHostKeyRevoked', message: /known_hosts:1 marks as @revoked/ });
  assertNoCredential(script);
  assert.equal((await exec(await target(script, pinned))).exitCode, 0);
});

void test('a host that is known by a certificate authority only is refused before anything is sent', async (t) => {
  const script = await startSshScript({ t });
  const scratch = makeScratch({ t });
  const authority = makeKeyFiles(join(scratch.path, 'authority'));
  const line = `@cert-authority *,[*]:* ${authority.publicKey}\n`;
  const knownHosts = scratch.write('known_hosts', `# ours\n${line}`);
  for (const strictHostKeyChecking of ['yes', 'accept-new'] as const) {
    await assert.rejects(target(script, { knownHosts, strictHostKeyChecking }), (error) => {
      assert.ok(error instanceof SshError);
      assert.deepEqual([error.type, error.details.stage], ['SshConfigUnsupported', 'config']);
      assert.ok(error.message.includes(`by @cert-authority only (${knownHosts}:2)`), error.message);
      assert.match(error.message, /Record a plain key of the host as well, or pin one under hostKey/);
      return true;
    });
  }
  scratch.write('known_hosts', `${line}${script.knownHostsLine}\n`);
  assert.equal((await exec(await target(script, { knownHosts }))).exitCode, 0);
});

void test('lines of key types that nobody supports disturb no other line, and are no key of any other type', async (t) => {
  const script = await startSshScript({ t });
  const scratch = makeScratch({ t });
  const name = `[127.0.0.1]:${script.port}`;
  const strange = ['ssh-dss', 'sk-ssh-ed25519@openssh.com', 'ssh-future-1024'].map((type) => {
    const blob = Buffer.concat([...[type, 'x'.repeat(40)].flatMap((text) => [length(text), Buffer.from(text)])]);
    return `${name} ${type} ${blob.toString('base64')}`;
  });
  const lines = [...strange, `${name} ssh-dss AAAA`, `${name} 1024 35 1234567890`];
  const knownHosts = scratch.write('known_hosts', `${[...lines, script.knownHostsLine].join('\n')}\n`);
  assert.equal((await exec(await target(script, { knownHosts }))).exitCode, 0);
  scratch.write('known_hosts', `${lines.join('\n')}\n`);
  for (const strictHostKeyChecking of ['yes', 'accept-new'] as const) {
    const refused = await target(script, { knownHosts, strictHostKeyChecking });
    await fails(refused, { ...kex, type: 'SshHostKeyMismatch', message: /ssh-dss .*No key of this type is recorded/ });
  }
});

void test('several known_hosts files: a key in any of them counts, and a revocation in any of them', async (t) => {
  const script = await startSshScript({ t });
  const scratch = makeScratch({ t });
  const [user, global] = [scratch.write('user', ''), scratch.write('global', `${script.knownHostsLine}\n`)];
  const knownHosts = [user, global];
  const strictHostKeyChecking = 'accept-new';
  assert.equal((await exec(await target(script, { knownHosts, strictHostKeyChecking }))).exitCode, 0);
  assert.equal(readFileSync(user, 'utf8'), '');
  scratch.write('global', '');
  assert.equal((await exec(await target(script, { knownHosts, strictHostKeyChecking }))).exitCode, 0);
  assert.equal(readFileSync(user, 'utf8').trim(), script.knownHostsLine);
  assert.equal(readFileSync(global, 'utf8'), '');
  scratch.write('global', `@revoked * ${script.hostKey.publicKey}\n`);
  await fails(await target(script, { knownHosts }), { ...kex, type: 'SshHostKeyRevoked', message: /global:1/ });
});

void test('accept-new keeps the key of a new host, and holds the host to it', async (t) => {
  const script = await startSshScript({ t });
  const knownHosts = join(makeScratch({ t }).path, 'known_hosts');
  const options = { knownHosts, strictHostKeyChecking: 'accept-new' } as const;
  assert.equal((await exec(await target(script, options))).exitCode, 0);
  assert.equal(readFileSync(knownHosts, 'utf8').trim(), script.knownHostsLine);
  assert.equal((await exec(await target(script, { knownHosts }))).hostKeyFingerprint, script.hostFingerprint);
});

void test('accept-new keeps nothing of a server that cannot prove to own its key', async (t) => {
  const script = await startSshScript({ t });
  const knownHosts = makeScratch({ t }).write('known_hosts', '');
  const front = await startRewritingFront(t, script, (bytes, write, done) => {
    write(Buffer.from(bytes.toString('latin1').replace('ssh2js', 'ssh3js'), 'latin1'));
    done();
  });
  const options = { knownHosts, strictHostKeyChecking: 'accept-new', port: front.port } as const;
  await fails(await target(script, options), { ...kex, type: 'SshHostKeySignatureInvalid' });
  assert.equal(readFileSync(knownHosts, 'utf8'), '');
  assertNoCredential(script);
});

void test('accept-new fails when the key cannot be kept', async (t) => {
  const script = await startSshScript({ t });
  const scratch = makeScratch({ t });
  scratch.write('file', '');
  const knownHosts = join(scratch.path, 'later', 'known_hosts');
  const accepting = await target(script, { knownHosts, strictHostKeyChecking: 'accept-new' });
  // Its directory becomes a file, which not even root can write into.
  scratch.write('later', '');
  const error: unknown = await exec(accepting).then(
    () => undefined,
    (reason: unknown) => reason
  );
  assert.ok(error instanceof Error && 'type' in error, 'it must not succeed');
  assert.equal(error.type, 'SshConfigInvalid');
  assert.match(error.message, /could not be kept/);
  assert.deepEqual(script.commands, []);
});

void test('the key type that is known is asked for, though the server prefers another', async (t) => {
  const sshd = await startSshd({ t, hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
  for (const [index, line] of sshd.knownHostsLines.entries()) {
    const knownHosts = makeScratch({ t }).write('known_hosts', `${line}\n`);
    const credential = { privateKeyFile: sshd.clientKeyFile };
    const host = { address: sshd.address, port: sshd.port, user: sshd.user, credential, knownHosts };
    const known = await createHostDirectory({ hosts: { 'web-1': host } }).resolve('web-1');
    assert.equal((await exec(known, 'true')).hostKeyFingerprint, sshd.hostKeys[index]?.fingerprint);
  }
});

void test('a failure names the host and the next step only once', async (t) => {
  const script = await startSshScript({ t });
  const refused = await target(script, { knownHosts: makeScratch({ t }).write('known_hosts', '') });
  const error: unknown = await exec(refused).catch((reason: unknown) => reason);
  const { message } = checkFailure(error, refused, { ...kex, type: 'SshHostKeyUnknown' });
  assert.equal(message.split('stage kex').length, 2);
});
