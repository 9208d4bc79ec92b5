import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { makeScratch } from './scratch';

void test('a scratch directory is private, and gone after its test', async (t) => {
  let path = '';
  await t.test('inner', (inner) => {
    const scratch = makeScratch({ t: inner });
    path = scratch.path;
    assert.equal(statSync(path).mode & 0o777, 0o700);
    const file = scratch.write('a', 'text');
    assert.equal(readFileSync(file, 'utf8'), 'text');
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
  assert.notEqual(path, '');
  assert.equal(existsSync(path), false);
});
