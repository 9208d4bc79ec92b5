import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fingerprint, keyType, parsePublicKey } from '../../../ssh/hosts/fingerprint';
import { createFixture } from './fixture';

describe('fingerprint', () => {
  const fixture = createFixture();
  after(() => fixture.remove());

  for (const [type, name] of [
    ['ed25519', 'ssh-ed25519'],
    ['ecdsa', 'ecdsa-sha2-nistp256'],
    ['rsa', 'ssh-rsa'],
  ] as const) {
    it(`is that of ssh-keygen, for ${type}`, () => {
      fixture.key(type, { type, ...(type === 'rsa' && { bits: '2048' }) });
      assert.equal(fingerprint(fixture.blob(type)), fixture.fingerprint(type));
      assert.equal(keyType(fixture.blob(type)), name);
    });
  }

  it('survives what is no key', () => {
    for (const bytes of [[], [0, 0], [255, 255, 255, 255, 1], [0, 0, 0, 9, 65], [0, 0, 0, 2, 10, 10]]) {
      assert.equal(keyType(Buffer.from(bytes)), 'unknown');
    }
  });

  it('takes no public key whose type is another, whose base64 is damaged or that is cut', () => {
    fixture.key('k');
    const [type, base64] = fixture.publicKey('k').split(' ') as [string, string];
    assert.ok(parsePublicKey(`${type} ${base64} some comment`));
    assert.equal(parsePublicKey(`ssh-rsa ${base64}`), undefined);
    assert.equal(parsePublicKey(`${type} ${base64.slice(0, -4)}%%%%`), undefined);
    assert.equal(parsePublicKey(`${type} ${Buffer.from('\0\0\0\x0bssh-ed25519').toString('base64')}`), undefined);
    assert.equal(parsePublicKey(`${type} ${base64.slice(0, -8)}`), undefined);
    assert.equal(parsePublicKey(type), undefined);
  });
});
