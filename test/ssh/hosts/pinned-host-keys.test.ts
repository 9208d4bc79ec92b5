import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pinnedHostKeys } from '../../../ssh/hosts/pinned-host-keys';
import { createFixture } from './fixture';

describe('pinnedHostKeys', () => {
  const fixture = createFixture();
  before(() => {
    for (const name of ['ed', 'ed2']) fixture.key(name);
    fixture.key('rsa', { type: 'rsa', bits: '2048' });
  });
  after(() => fixture.remove());

  it('trusts each pin, fingerprint or key, and no other key', () => {
    const { check } = pinnedHostKeys([fixture.fingerprint('ed'), `${fixture.publicKey('rsa')} root@web`]);
    assert.deepEqual(check(fixture.blob('ed')), { trusted: true, by: 'pinned' });
    assert.deepEqual(check(fixture.blob('rsa')), { trusted: true, by: 'pinned' });
    const verdict = check(fixture.blob('ed2'));
    assert.ok(!verdict.trusted && verdict.type === 'SshHostKeyMismatch');
    for (const name of ['ed', 'ed2', 'rsa']) assert.ok(verdict.reason.includes(fixture.fingerprint(name)), name);
    assert.match(verdict.reason, /does not tell the type/);
  });

  it('asks for the types of pinned keys', () => {
    assert.deepEqual(pinnedHostKeys([fixture.fingerprint('ed')]).preferredAlgorithms, []);
    assert.deepEqual(pinnedHostKeys([fixture.publicKey('rsa')]).preferredAlgorithms, [
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
    ]);
  });

  it('trusts nothing without a pin', () => {
    for (const pins of [[], ['SHA256:short']])
      assert.equal(pinnedHostKeys(pins).check(fixture.blob('ed')).trusted, false);
  });
});
