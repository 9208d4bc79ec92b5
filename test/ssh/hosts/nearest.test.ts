import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from '../../../ssh/hosts/nearest';

describe('nearest', () => {
  const known = ['address', 'knownHosts', 'port', 'hostKey'];
  for (const [given, expected] of [
    ['adress', 'address'],
    ['known_hosts', 'knownHosts'],
    ['PORT', 'port'],
    ['hostkeys', 'hostKey'],
    ['colour', undefined],
    ['', undefined],
  ] as const) {
    it(`${JSON.stringify(given)} is ${String(expected)}`, () => assert.equal(nearest(given, known), expected));
  }

  it('takes the nearest, not the first', () =>
    assert.equal(nearest('web-11', ['web-2', 'web-12', 'web-11', 'web-111', 'web-1']), 'web-11'));

  it('does not take long for a name without end', () => {
    assert.equal(nearest('x'.repeat(1_000_000), ['y'.repeat(1_000_000)]), undefined);
  });
});
