import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { knownHostKeys } from '../../../ssh/hosts/known-host-keys';
import type { KnownHostKeysOptions } from '../../../ssh/hosts/known-host-keys';
import { KnownHostsFile } from '../../../ssh/hosts/known-hosts-file';
import type { HostKeyPolicy, HostKeyVerdict } from '../../../ssh/target';
import { createFixture, failure } from './fixture';

describe('knownHostKeys', () => {
  const fixture = createFixture();
  const path = fixture.path('known_hosts');
  before(() => {
    for (const name of ['ed', 'ed2']) fixture.key(name);
    fixture.key('ec', { type: 'ecdsa' });
    fixture.key('rsa', { type: 'rsa', bits: '2048' });
  });
  beforeEach(() => rmSync(path, { force: true }));
  after(() => fixture.remove());

  type Options = Partial<Omit<KnownHostKeysOptions, 'files'>> & { text?: string; file?: string };

  function policy({ text, file = path, ...options }: Options): HostKeyPolicy {
    if (text !== undefined) fixture.write('known_hosts', text);
    const knownHosts = new KnownHostsFile(file);
    knownHosts.refresh();
    const defaults = {
      host: 'web',
      address: 'web.example',
      port: 22,
      alias: undefined,
      strict: 'yes',
      hashNames: false,
    } as const;
    return knownHostKeys({ ...defaults, ...options, files: [knownHosts] });
  }

  function refused(verdict: HostKeyVerdict, type: string): string {
    if (verdict.trusted) assert.fail('was trusted');
    assert.equal(verdict.type, type);
    return verdict.reason;
  }

  const accept = (verdict: HostKeyVerdict): Promise<void> =>
    verdict.trusted && verdict.remember ? verdict.remember() : assert.fail('was not accepted as new');

  it('trusts a recorded key', () => {
    const { check } = policy({ text: `web.example ${fixture.publicKey('ed')}\n` });
    assert.deepEqual(check(fixture.blob('ed')), { trusted: true, by: 'known_hosts' });
  });

  it('trusts any of several recorded keys', () => {
    const { check } = policy({ text: `web.example ${fixture.publicKey('ed2')}\nweb.* ${fixture.publicKey('ed')}\n` });
    for (const name of ['ed', 'ed2']) assert.equal(check(fixture.blob(name)).trusted, true);
  });

  for (const strict of ['yes', 'accept-new'] as const) {
    it(`refuses a changed key (${strict})`, () => {
      const { check } = policy({ strict, port: 2222, text: `\n[web.example]:2222 ${fixture.publicKey('ed')}\n` });
      const reason = refused(check(fixture.blob('ed2')), 'SshHostKeyMismatch');
      for (const part of [
        `offered ssh-ed25519 ${fixture.fingerprint('ed2')}`,
        `ssh-ed25519 ${fixture.fingerprint('ed')} (${path}:2)`,
        `ssh-keygen -R '[web.example]:2222' -f ${path}`,
        'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      ]) {
        assert.ok(reason.includes(part), `${part} in ${reason}`);
      }
      assert.doesNotMatch(reason, /No key of this type/);
    });

    it(`refuses another type of key of a known host, as OpenSSH does (${strict})`, () => {
      const { check } = policy({ strict, text: `web.example ${fixture.publicKey('ec')}\n` });
      const reason = refused(check(fixture.blob('ed')), 'SshHostKeyMismatch');
      assert.match(reason, /No key of this type is recorded/);
    });

    it(`refuses a revoked key, even if it is recorded as well (${strict})`, () => {
      const text = `web.example ${fixture.publicKey('ed')}\n@revoked * ${fixture.publicKey('ed')}\n`;
      const { check } = policy({ strict, text });
      assert.match(refused(check(fixture.blob('ed')), 'SshHostKeyRevoked'), /known_hosts:2 marks as @revoked/);
    });

    it(`does not take an authority's key for a host's (${strict})`, () => {
      const { check } = policy({ strict, text: `@cert-authority *.example ${fixture.publicKey('ed')}\n` });
      const reason = refused(check(fixture.blob('ed')), 'SshHostKeyUnknown');
      assert.match(reason, /@cert-authority matches \(.*known_hosts:1\).*not supported by this version/);
    });
  }

  it('refuses a host that is not known, and says what to do', () => {
    const text = `other ${fixture.publicKey('ed')}\nnonsense\n`;
    const reason = refused(policy({ port: 2222, text }).check(fixture.blob('rsa')), 'SshHostKeyUnknown');
    for (const part of [
      `[web.example]:2222 offered ssh-rsa ${fixture.fingerprint('rsa')}`,
      'skipped: line 2',
      'ssh_host_rsa_key.pub',
      `ssh-keyscan -t rsa -p 2222 web.example >> ${path}`,
    ]) {
      assert.ok(reason.includes(part), `${part} in ${reason}`);
    }
    assert.match(
      refused(policy({ file: fixture.path('none') }).check(fixture.blob('ed')), 'SshHostKeyUnknown'),
      /does not exist/
    );
  });

  it('does not take a key for port 22 for that of another port, and says so', () => {
    const { check } = policy({ port: 2222, text: `web.example ${fixture.publicKey('ed')}\n` });
    assert.match(
      refused(check(fixture.blob('ed')), 'SshHostKeyUnknown'),
      /Line 1 of .* has this very key.*port 22; port 2222 needs \[web\.example\]:2222/
    );
    const other = policy({ port: 22, text: `[web.example]:2222 ${fixture.publicKey('ed')}\n` });
    refused(other.check(fixture.blob('ed')), 'SshHostKeyUnknown');
  });

  it('looks an alias up without address and port', () => {
    const text = `cluster ${fixture.publicKey('ed')}\n[web.example]:2222 ${fixture.publicKey('ed2')}\n`;
    const { check } = policy({ port: 2222, alias: 'Cluster', text });
    assert.equal(check(fixture.blob('ed')).trusted, true);
    refused(check(fixture.blob('ed2')), 'SshHostKeyMismatch');
  });

  it('prefers the algorithms of the known keys', () => {
    assert.deepEqual(policy({ text: '' }).preferredAlgorithms, []);
    const rsa = `web.example ${fixture.publicKey('rsa')}\n`;
    assert.deepEqual(policy({ text: rsa }).preferredAlgorithms, ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
    const mixed = `${rsa}web.example ${fixture.publicKey('ec')}\n@revoked * ${fixture.publicKey('ed')}\n@cert-authority * ${fixture.publicKey('ed2')}\n`;
    assert.deepEqual(policy({ text: mixed }).preferredAlgorithms, [
      'ecdsa-sha2-nistp256',
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
    ]);
  });

  it('keeps a new key only when asked to, for ssh-keygen to find', async () => {
    const file = fixture.path('new/deep/known_hosts');
    const { check } = policy({ strict: 'accept-new', port: 2222, file });
    const verdict = check(fixture.blob('ed'));
    assert.ok(verdict.trusted && verdict.by === 'accept-new');
    assert.equal(existsSync(file), false);
    await accept(verdict);
    assert.equal(readFileSync(file, 'utf8'), `[web.example]:2222 ${fixture.publicKey('ed')}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(fixture.path('new/deep')).mode & 0o777, 0o700);
    assert.match(fixture.keygen('-F', '[web.example]:2222', '-f', file), /found: line 1/);
    assert.deepEqual(check(fixture.blob('ed')), { trusted: true, by: 'known_hosts' });
    refused(check(fixture.blob('ed2')), 'SshHostKeyMismatch');
  });

  it('begins a line of its own in a file that does not end with one', async () => {
    const { check } = policy({ strict: 'accept-new', text: `other ${fixture.publicKey('ed2')}` });
    await accept(check(fixture.blob('ed')));
    assert.equal(
      readFileSync(path, 'utf8'),
      `other ${fixture.publicKey('ed2')}\nweb.example ${fixture.publicKey('ed')}\n`
    );
  });

  it('writes one line when several steps accept the same key at once', async () => {
    const policies = Array.from({ length: 5 }, () => policy({ strict: 'accept-new' }));
    await Promise.all(policies.map(({ check }) => check(fixture.blob('ed'))).map(accept));
    assert.equal(readFileSync(path, 'utf8'), `web.example ${fixture.publicKey('ed')}\n`);
  });

  it('does not keep a second key when another was accepted in the meantime', async () => {
    const verdict = policy({ strict: 'accept-new' }).check(fixture.blob('ed'));
    await accept(policy({ strict: 'accept-new' }).check(fixture.blob('ed2')));
    const error = await failure(() => accept(verdict));
    assert.equal(error.type, 'SshHostKeyMismatch');
    assert.equal(error.details.stage, 'kex');
    assert.equal(readFileSync(path, 'utf8'), `web.example ${fixture.publicKey('ed2')}\n`);
  });

  it('says when a key cannot be kept', async () => {
    const verdict = policy({ strict: 'accept-new', file: fixture.path('late') }).check(fixture.blob('ed'));
    mkdirSync(fixture.path('late'));
    const error = await failure(() => accept(verdict));
    assert.equal(error.type, 'SshConfigInvalid');
    assert.match(error.message, /could not be kept in .*late: a directory/);
  });

  it('reads the file again when it has changed', () => {
    fixture.write('known_hosts', '');
    const file = new KnownHostsFile(path);
    file.refresh();
    assert.equal(file.lookup('web.example').length, 0);
    appendFileSync(path, `web.example ${fixture.publicKey('ed')}\n`);
    file.refresh();
    assert.equal(file.lookup('web.example').length, 1);
    // Same size, same moment: on a file system with coarse time stamps they do not tell.
    for (const name of ['ed2', 'ed', 'ed2', 'ed', 'ed2']) {
      fixture.write('known_hosts', `web.example ${fixture.publicKey(name)}\n`);
      file.refresh();
      assert.ok(file.lookup('web.example')[0]?.key.equals(fixture.blob(name)));
    }
    rmSync(path);
    file.refresh();
    assert.ok(file.missing && file.lookup('web.example').length === 0);
  });

  it('does not read a file again that has not changed for a while', (context) => {
    fixture.write('known_hosts', `web.example ${fixture.publicKey('ed')}\n`);
    const file = new KnownHostsFile(path);
    const look = () => {
      file.refresh();
      return file.lookup('web.example');
    };
    // Time stamps of a moment ago do not tell two changes apart everywhere.
    assert.notEqual(look(), look());
    const now = Date.now() + 60_000;
    context.mock.method(Date, 'now', () => now);
    const first = look();
    assert.equal(look(), first);
    // Same size, but another file.
    fixture.write('other', `web.example ${fixture.publicKey('ed2')}\n`);
    renameSync(fixture.path('other'), path);
    assert.ok(look()[0]?.key.equals(fixture.blob('ed2')));
    // Same size and the same file.
    fixture.write('known_hosts', `web.example ${fixture.publicKey('ed')}\n`);
    utimesSync(path, 1, 1);
    assert.ok(look()[0]?.key.equals(fixture.blob('ed')));
    truncateSync(path, 32 * 1024 * 1024 + 1);
    assert.throws(look, { code: 'EFBIG' });
  });
});
