import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { parseUserCertificate } from '../../../ssh/auth/user-certificate';
import { shareKey } from '../../../ssh/hosts/share-key';
import type { AuthMethod } from '../../../ssh/target';
import { readFileSync } from 'node:fs';
import { keyMethod } from '../support/engine';
import { createFixture } from './fixture';

describe('shareKey', () => {
  const fixture = createFixture();
  after(() => fixture.remove());

  const keyOf = (...auth: readonly AuthMethod[]): string =>
    shareKey('web', { address: 'a', user: 'u' }, 22, auth, ['/known_hosts']);

  it('differs for each credential, and holds none', () => {
    fixture.key('ca');
    fixture.key('key');
    fixture.keygen('-q', '-s', fixture.path('ca'), '-I', 'id', '-n', 'u', fixture.path('key.pub'));
    const parsed = parseUserCertificate(readFileSync(fixture.path('key-cert.pub'), 'utf8'));
    const certificate = 'certificate' in parsed ? parsed.certificate : assert.fail(parsed.found);
    const key = keyMethod(fixture.path('key'));
    const answer = (text: string): AuthMethod => ({
      type: 'keyboard-interactive',
      answers: [{ pattern: 'code', matches: () => true, answer: text }],
    });
    const methods: readonly AuthMethod[] = [
      key,
      { ...key, certificate } as AuthMethod,
      { type: 'agent', socket: '/a' },
      { type: 'agent', socket: '/a', identities: ['SHA256:x'] },
      { type: 'agent', socket: '/a', certificate },
      { type: 'password', password: 'hunter2' },
      answer('hunter2'),
      answer('hunter3'),
    ];
    const keys = methods.map((method) => keyOf(method));
    assert.equal(new Set(keys).size, methods.length);
    assert.deepEqual(
      keys,
      methods.map((method) => keyOf(method))
    );
    for (const digest of keys) assert.match(digest, /^[0-9a-f]{64}$/);
  });
});
