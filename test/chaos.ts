import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run-chaos';
import { preflight } from './support/preflight';

/*
 * npm run chaos [-- --minutes N] [--jobs N] [--seed S]
 *
 * Jobs on a real sshd by workflows on a real Temporal server, for N minutes (default 5) under faults every 2 s. At the end
 * each job must have run once, its logs must be what it wrote, and its end the one that was planned.
 */

async function main(): Promise<boolean> {
  const options = {
    minutes: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  } as const;
  const { minutes, jobs, seed } = parseArgs({ options }).values;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  Object.assign(process.env, await preflight(say));
  const cleanUps: (() => unknown)[] = [];
  const t = { after: (fn: () => unknown) => void cleanUps.push(fn) } as Parameters<typeof runChaos>[0]['t'];
  try {
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
