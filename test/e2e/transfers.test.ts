import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTransfers } from '../chaos/run-transfers';
import { noTemporal } from './ground';

const MEGABYTE = 1024 * 1024;

// Small and short: `npm run chaos -- --transfers 200` is the long one.
test(
  'files arrive whole through cuts, killed workers and restarts of the server, and nothing unfinished is left',
  { skip: noTemporal },
  async (t) => {
    const say = (line: string): void => t.diagnostic(line);
    const options = { transfers: 50, largestBytes: 48 * MEGABYTE, cutWithinBytes: 24 * MEGABYTE, seed: 3, say };
    const report = await runTransfers({ t, ...options });
    say(JSON.stringify({ ...report, bad: report.bad.length }));
    assert.deepEqual(report.bad, []);
    assert.ok(report.cuts > 0 && report.workersKilled + report.serverRestarts > 0, JSON.stringify(report));
  }
);
