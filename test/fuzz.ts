import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/*
 * npm run fuzz [-- --count N] [--seed S]
 *
 * Runs the fuzz tests with more cases than the tests' own run has: N (default 10000) for each stage and ten times as many
 * identifications. The same seed and count give the same cases; a failure names the seed that gives its case alone.
 */

function main(): number {
  const options = { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } } as const;
  const { count, seed } = parseArgs({ options }).values;
  const folder = join(__dirname, 'ssh', 'fuzz');
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.js'));
  const env = { ...process.env, FUZZ_COUNT: count, FUZZ_SEED: seed };
  const failed = files.filter((name) => {
    const run = spawnSync(process.execPath, ['--test-reporter', 'spec', join(folder, name)], { env, stdio: 'inherit' });
    return run.status !== 0;
  });
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = main();
