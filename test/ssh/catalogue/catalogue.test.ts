import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CATALOGUE } from './catalogue';
import { CATALOGUE_DEADLINES } from './deadlines';
import { runRow } from './run-row';

// Most cases wait for a deadline; that many at a time keep two cores busy and no more.
const CONCURRENCY = 6;

const rows = CATALOGUE.flatMap((part) => part.rows);
let passed = 0;

void describe('the catalogue of faults', { concurrency: CONCURRENCY }, () => {
  for (const row of rows) {
    const skip = row.skip?.() ?? false;
    void it(`${row.name}: ${row.what}`, { ...(skip !== false && { skip }) }, async (t) => {
      await runRow(row, { t, deadlines: CATALOGUE_DEADLINES });
      passed += 1;
    });
  }
});

void it('has each name once', () => {
  const names = rows.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    []
  );
});

after(() => console.log(`${rows.length} rows, ${passed} passed`));
