import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { sshString } from '../../../ssh/auth/wire-format';
import { fingerprint } from '../../../ssh/hosts/fingerprint';
import { PrivateKeyCache } from '../../../ssh/hosts/private-key';
import type { PrivateKeyResult } from '../../../ssh/hosts/private-key';
import { createFixture } from './fixture';

const found = (result: PrivateKeyResult): string => ('found' in result ? result.found : assert.fail('is a key'));

describe('PrivateKeyCache', () => {
  const fixture = createFixture();
  after(() => fixture.remove());
  const read = (name: string): string => readFileSync(fixture.path(name), 'utf8');

  for (const { type, format } of [
    { type: 'ed25519' },
    { type: 'ecdsa' },
    { type: 'rsa' },
    { type: 'rsa', format: 'PEM' },
    { type: 'ecdsa', format: 'PEM' },
    { type: 'rsa', format: 'PKCS8' },
    { type: 'ecdsa', format: 'PKCS8' },
  ]) {
    for (const passphrase of ['', 'correct horse']) {
      it(`reads ${type} ${format ?? 'OpenSSH'}${passphrase && ', encrypted'}`, () => {
        const name = `${type}-${format ?? 'openssh'}-${passphrase.length}`;
        fixture.key(name, { type, passphrase, ...(format && { format }), ...(type === 'rsa' && { bits: '2048' }) });
        const keys = new PrivateKeyCache();
        const result = keys.parse(read(name), passphrase || undefined);
        assert.ok('key' in result, JSON.stringify(result));
        assert.equal(fingerprint(result.key.getPublicSSH()), fixture.fingerprint(name));
        assert.ok(result.key.verify('data', result.key.sign('data')));
        // A key that needs no passphrase is read with one all the same, as by OpenSSH.
        if (!passphrase) return assert.ok('key' in keys.parse(read(name), 'wrong'));
        assert.match(found(keys.parse(read(name), undefined)), /encrypted key and no passphrase/);
        assert.match(found(keys.parse(read(name), 'wrong')), /does not decrypt/);
      });
    }
  }

  it('says what it is that is no private key', () => {
    fixture.key('k');
    const keys = new PrivateKeyCache();
    assert.match(found(keys.parse(readFileSync(fixture.path('k.pub'), 'utf8'), undefined)), /a public key.*\.pub/);
    assert.match(found(keys.parse('hello', undefined)), /no private key/);
    const damaged = read('k').replace(/\n[^\n]{20}/, `\n${'A'.repeat(20)}`);
    assert.match(found(keys.parse(damaged, undefined)), /damaged/);
  });

  it('tells a key of a security device, which wants a touch', () => {
    const type = 'sk-ssh-ed25519@openssh.com';
    const blob = Buffer.concat([sshString(type), sshString(Buffer.alloc(32)), sshString('ssh:')]);
    const parts = [sshString('none'), sshString('none'), sshString(''), Buffer.from([0, 0, 0, 1]), sshString(blob)];
    const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), ...parts, sshString(Buffer.alloc(64))]);
    const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
    assert.match(
      found(new PrivateKeyCache().parse(pem, undefined)),
      /FIDO security device.*touch.*ssh-keygen -t ed25519/
    );
  });

  it('decrypts a key once, and forgets the oldest', () => {
    for (const name of ['a', 'b']) fixture.key(name, { passphrase: 'secret' });
    const keys = new PrivateKeyCache(1);
    const first = keys.parse(read('a'), 'secret');
    const again = keys.parse(read('a'), 'secret');
    assert.ok('key' in first && 'key' in again && first.key === again.key);
    // The key that is kept is nobody's who has not the passphrase.
    assert.ok('found' in keys.parse(read('a'), 'wrong'));
    keys.parse(read('b'), 'secret');
    const later = keys.parse(read('a'), 'secret');
    assert.ok('key' in later && later.key !== first.key);
  });
});
