import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from '../chaos/run-chaos';
import { noTemporal } from './ground';

// Small and short: `npm run chaos` is the long one.
test(
  'jobs under chaos: each ran once, its logs are whole, and its end is the planned one',
  { skip: noTemporal },
  async (t) => {
    const { bad, faults } = await runChaos({ t, seconds: 25, jobs: 12, seed: 5, say: (line) => t.diagnostic(line) });
    assert.deepEqual(bad, []);
    assert.ok(Object.values(faults).some((count) => count > 0));
  }
);
