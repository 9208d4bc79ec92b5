import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run-chaos';
import { runTransfers } from './chaos/run-transfers';
import { preflight } from './support/preflight';

/*
 * npm run chaos [-- --minutes N] [--jobs N] [--seed S] [--transfers N]
 *
 * Jobs on a real sshd by workflows on a real Temporal server, for N minutes (default 5) under faults every 2 s. At the end
 * each job must have run once, its logs must be what it wrote, and its end the one that was planned.
 *
 * With --transfers: that many files of 1 byte to 256 MB instead, through cuts, killed workers and restarts of sshd. Each must
 * arrive with its SHA-256, and nothing unfinished may be left.
 */

async function main(): Promise<boolean> {
  const options = {
    minutes: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    transfers: { type: 'string' },
  } as const;
  const { minutes, jobs, seed, transfers } = parseArgs({ options }).values;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  Object.assign(process.env, await preflight(say));
  const cleanUps: (() => unknown)[] = [];
  const t = { after: (fn: () => unknown) => void cleanUps.push(fn) } as Parameters<typeof runChaos>[0]['t'];
  try {
    if (transfers !== undefined) {
      const sizes = { largestBytes: 256_000_000, cutWithinBytes: 400_000_000 };
      const { bad, ...report } = await runTransfers({
        t,
        transfers: Number(transfers),
        ...sizes,
        seed: Number(seed),
        say,
      });
      for (const line of [...bad, JSON.stringify(report)]) say(line);
      say(`${Number(transfers) - bad.length} of ${transfers} files are as they must be`);
      return bad.length === 0;
    }
    const report = await runChaos({ t, seconds: Number(minutes) * 60, jobs: Number(jobs), seed: Number(seed), say });
    for (const line of report.bad) say(line);
    say(`${Number(jobs) - report.bad.length} of ${jobs} jobs are as they must be`);
    return report.bad.length === 0;
  } finally {
    for (const fn of cleanUps.reverse()) await fn();
  }
}

main().then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  }
);
