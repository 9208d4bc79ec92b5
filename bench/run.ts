import { CONGESTION } from './congestion';
import { ONCE } from './once';
import { ROLLOUT } from './rollout';
import type { BenchRow, Scenario } from './scenario';

/*
 * npm run bench -- [SCENARIO...] [--json]
 *
 * Runs the named scenarios, all of them without any, and prints a table for each.
 */

const SCENARIOS: readonly Scenario[] = [CONGESTION, ONCE, ROLLOUT];

function table(rows: readonly BenchRow[]): string {
  const [first = {}] = rows;
  const columns = Object.keys(first);
  const lines = [columns, columns.map(() => '---'), ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => arg !== '--json');
  const known = SCENARIOS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`expected scenarios out of ${known.join(', ')}, found ${unknown.join(', ')}`);
  }
  for (const { name, what, run } of SCENARIOS) {
    if (names.length > 0 && !names.includes(name)) continue;
    const rows = await run();
    console.log(
      args.includes('--json') ? JSON.stringify({ scenario: name, what, rows }) : `\n${name}: ${what}\n\n${table(rows)}`
    );
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
