import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BenchRun } from './bench-run';
import { machineFacts, readKeptRun } from './bench-run';
import { writeDocument } from './document';
import { markdownTable, runMarkdown } from './markdown';
import { PEERS } from './peers';
import type { Scenario } from './scenario';
import { CONGESTION } from './scenarios/congestion';
import { FANOUT } from './scenarios/fanout';
import { FRESH } from './scenarios/fresh';
import { IDLE } from './scenarios/idle';
import { ONCE } from './scenarios/once';
import { ROLLOUT } from './scenarios/rollout';
import { STDOUT } from './scenarios/stdout';
import { STEPS_ON_ONE_CONNECTION } from './scenarios/steps';
import { readSettings } from './settings';
import type { BenchSettings } from './settings';

/*
 * npm run bench -- [SCENARIO...] [--rounds N] [--peers a,b] [--hosts N] [--json FILE|-] [--markdown FILE] [--document]
 *
 * Runs the named scenarios, all of them without any, and prints a table for each. With --document alone it writes
 * docs/performance.md from the run that is kept.
 */

const SCENARIOS: readonly Scenario[] = [
  ...[FRESH, STEPS_ON_ONE_CONNECTION, FANOUT, STDOUT, IDLE],
  ...[CONGESTION, ONCE, ROLLOUT],
];

function refuseUnknown(what: string, known: readonly string[], found: readonly string[]): void {
  const unknown = found.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`expected ${what} out of ${known.join(', ')}, found ${unknown.join(', ')}`);
}

async function measure(settings: BenchSettings): Promise<BenchRun> {
  const results: BenchRun['results'][number][] = [];
  for (const { name, what, run } of SCENARIOS) {
    if (settings.scenarios.length > 0 && !settings.scenarios.includes(name)) continue;
    results.push({ scenario: name, what, ...(await run(settings)) });
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machineFacts(),
    rounds: settings.rounds,
    results,
  };
}

function write(file: string, content: string): void {
  if (file === '-') {
    process.stdout.write(content);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

async function main(args: readonly string[]): Promise<void> {
  const settings = readSettings(args);
  refuseUnknown(
    'scenarios',
    SCENARIOS.map(({ name }) => name),
    settings.scenarios
  );
  refuseUnknown(
    'peers',
    PEERS.map(({ id }) => id),
    settings.peers
  );
  if (settings.document && settings.scenarios.length === 0) {
    writeDocument(readKeptRun());
    return;
  }
  const run = await measure(settings);
  if (settings.json !== undefined) write(settings.json, `${JSON.stringify(run)}\n`);
  const facts = Object.entries(run.machine).map(([what, value]) => ({ what, value }));
  const markdown = `${runMarkdown(run)}\n\n${markdownTable(facts)}\n`;
  if (settings.markdown !== undefined) write(settings.markdown, markdown);
  if (settings.json !== '-' && settings.markdown === undefined) console.log(markdown);
  if (settings.document) writeDocument(run);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
