import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFileOnce, replaceFile } from '../../../worker/embedded-host/private-directory';
import { scratch } from '../processes';

test('of two processes that make a file at once the first one wins', (t) => {
  const directory = scratch(t);
  const path = createFileOnce(directory, 'key', () => {
    writeFileSync(join(directory, 'key'), 'of the other process');
    return 'ours';
  });
  assert.equal(readFileSync(path, 'utf8'), 'of the other process');
  assert.deepEqual(readdirSync(directory), ['key']);
});

test('a file is replaced as a whole and is private', (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, 'file'), 'old', { mode: 0o644 });
  const path = replaceFile(directory, 'file', 'new');
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['file']);
});
