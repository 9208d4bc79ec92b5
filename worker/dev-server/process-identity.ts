import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process for good: its id alone is given to others after its end. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in whatever form the system gives. */
  readonly start: string;
}

function startOnLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold anything; after it come fields 3 (state) to 22 (start, in ticks since boot).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${bootId}/${fields[19]}`;
}

function startByPs(pid: number): string | undefined {
  const args = ['-o', 'stat=,lstart=', '-p', String(pid)];
  const line = execFileSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } }).trim();
  const [, state, start] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  return state?.startsWith('Z') === true ? undefined : start;
}

/** The identity of a process that runs; `undefined` when there is none, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const start = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
    return start === undefined ? undefined : { pid, start };
  } catch {
    return undefined;
  }
}

/** Tells whether exactly this process still runs. */
export function isRunning({ pid, start }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.start === start;
}
