import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How a job of the run is to end. */
export type PlannedEnd =
  { readonly exitCode: number; readonly signal?: never } | { readonly signal: string; readonly exitCode?: never };

/** One job of the run: what it does, and what must be true of it afterwards. */
export interface ChaosJob {
  readonly id: string;
  readonly command: string;
  readonly follow: 'stream' | 'poll';
  readonly end: PlannedEnd;
}

const PAUSE_SECONDS = 2;

const ENDS: readonly PlannedEnd[] = [{ exitCode: 0 }, { exitCode: 7 }, { signal: 'KILL' }, { exitCode: 143 }];

/**
 * A job that writes down that it runs, then for `seconds` writes random bytes to both streams and the same to files
 * beside, and ends as planned.
 */
export function chaosJob(index: number, directory: string, seconds: number): ChaosJob {
  const end = ENDS[index % ENDS.length] ?? { exitCode: 0 };
  const file = (name: string): string => join(directory, `${index}.${name}`);
  const rounds = Math.max(1, Math.round(seconds / PAUSE_SECONDS));
  const last = end.signal === undefined ? `exit ${end.exitCode}` : `kill -s ${end.signal} $$`;
  const command = [
    `echo run >> ${file('runs')}`,
    'i=0',
    `while [ $i -lt ${rounds} ]; do`,
    `  head -c 3000 /dev/urandom | tee -a ${file('stdout')}`,
    `  head -c 500 /dev/urandom | tee -a ${file('stderr')} >&2`,
    `  sleep ${PAUSE_SECONDS}; i=$((i + 1))`,
    'done',
    last,
  ].join('\n');
  return { id: `chaos-${index}`, command, follow: index % 4 === 3 ? 'poll' : 'stream', end };
}

/** What is wrong with a job after the run; empty for one that is as it must be. */
export function faultsOf(job: ChaosJob, index: number, seen: SeenEnd, directory: string, jobs: string): string[] {
  const text = (name: string): Buffer => {
    const path = join(directory, `${index}.${name}`);
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  };
  const faults: string[] = [];
  const runs = text('runs').toString().split('\n').length - 1;
  if (runs !== 1) faults.push(`ran ${runs} times`);
  const wanted = job.end.signal ?? String(job.end.exitCode);
  if (seen.end !== wanted) faults.push(`ended as ${seen.end}, not as ${wanted}`);
  const attempts = readdirSync(join(jobs, job.id)).filter((name) => name.startsWith('a'));
  if (attempts.length !== 1) faults.push(`left ${attempts.length} attempts`);
  for (const [stream, kept] of [
    ['stdout', 'out'],
    ['stderr', 'err'],
  ] as const) {
    const written = sha256(text(stream));
    const log = sha256(readFileSync(join(jobs, job.id, attempts[0] ?? '', kept)));
    if (log !== written) faults.push(`the log of ${stream} differs from what it wrote`);
    if (seen[stream] !== written) faults.push(`the result's SHA-256 of ${stream} differs from what it wrote`);
  }
  return faults;
}

/** What the workflow of a job told. */
export interface SeenEnd {
  /** The exit code or the signal; else the type of the failure. */
  readonly end: string;
  readonly stdout: string | null | undefined;
  readonly stderr: string | null | undefined;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
