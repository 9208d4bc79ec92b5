import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { SSH_FAILURE_TYPES } from '../../contract';
import { CATALOGUE } from '../ssh/catalogue/catalogue';
import { failuresDocument } from './failures-document';

it('docs/failures.md is what the tables say (npm run docs:failures writes it)', () => {
  assert.equal(readFileSync(resolve('docs/failures.md'), 'utf8'), failuresDocument());
});

it('docs/failures.md has one row for each failure type', () => {
  for (const type of SSH_FAILURE_TYPES) {
    assert.equal(failuresDocument().split(`\n| \`${type}\` |`).length, 2, type);
  }
});

it('docs/failures.md has one row for each case of the catalogue', () => {
  for (const { name } of CATALOGUE.flatMap(({ rows }) => rows)) {
    assert.equal(failuresDocument().split(`\n| \`${name}\` |`).length, 2, name);
  }
});
