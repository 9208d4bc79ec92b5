import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { SSH_HISTOGRAM_BUCKETS, SSH_METRICS } from '../../worker';
import { metricRows } from './operations-document';

const document = readFileSync(resolve('docs/operations.md'), 'utf8');

it('docs/operations.md has the table of metrics as the code has it', () => {
  const rows = document.split('\n').filter((line) => line.startsWith('| `temporal_ssh_'));
  assert.deepEqual(rows, metricRows());
});

it('every histogram has buckets of its own, in growing order', () => {
  const histograms = Object.entries(SSH_METRICS).filter(([, { kind }]) => kind === 'histogram');
  assert.deepEqual(Object.keys(SSH_HISTOGRAM_BUCKETS).sort(), histograms.map(([name]) => name).sort());
  for (const limits of Object.values(SSH_HISTOGRAM_BUCKETS)) {
    assert.deepEqual(
      limits,
      [...new Set(limits)].sort((a, b) => a - b)
    );
  }
});

it('every log message of the document is in the code', () => {
  const sources = ['activities/step-log.ts', 'activities/ssh-exec.ts']
    .map((file) => readFileSync(file, 'utf8'))
    .join('');
  for (const message of [
    'SSH stage done',
    'SSH step failed; it can be tried again',
    'startToCloseTimeout is shorter',
  ]) {
    assert.ok(sources.includes(`'${message}`), message);
    assert.ok(document.includes(`\`${message}`), message);
  }
});
