import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import type { ScenarioResult } from './scenario';

/** What a run has found, and on what. */
export interface BenchRun {
  /** The day, as ISO 8601 has it. */
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly results: readonly (ScenarioResult & { readonly scenario: string; readonly what: string })[];
}

/** The run that the document is made of. */
export const KEPT_RUN = resolve(__dirname, '../../bench/results/latest.json');

function firstLine(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return error ? 'not installed' : (`${stdout}${stderr}`.trim().split('\n')[0] ?? '');
}

function packageVersion(name: string): string {
  const file = resolve(__dirname, '../../node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The machine and the versions, as far as they matter to the figures. */
export function machineFacts(): Readonly<Record<string, string>> {
  const [cpu, ...others] = cpus();
  return {
    processors: `${1 + others.length} x ${cpu?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `Linux ${release()}`,
    Node: process.version,
    ssh2: packageVersion('ssh2'),
    'Temporal SDK': packageVersion('@temporalio/worker'),
    OpenSSH: firstLine('ssh', '-V'),
    Python: firstLine('python3', '--version'),
    Go: firstLine('go', 'version'),
  };
}

/** Reads the run that is kept. */
export function readKeptRun(): BenchRun {
  return JSON.parse(readFileSync(KEPT_RUN, 'utf8')) as BenchRun;
}
