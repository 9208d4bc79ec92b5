import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process as Linux tells it apart: ids come back, the pair of id and start time does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since boot (`proc(5)`, field 22 of `stat`). */
  readonly startTime: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  readonly state: string;
  readonly name: string;
}

/** The environment variable by which everything that a test server has started is found again, however detached. */
export const MARKER_VARIABLE = 'TEMPORAL_SSH_TEST_SERVER';

function row(pid: number): ProcessRow | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name, in parentheses, may itself hold spaces and parentheses.
  const nameEnd = stat.lastIndexOf(')');
  const name = stat.slice(stat.indexOf('(') + 1, nameEnd);
  const fields = stat.slice(nameEnd + 2).split(' ');
  const [state = '', parent = ''] = fields;
  return { pid, name, state, parent: Number(parent), startTime: fields[19] ?? '' };
}

function livingProcesses(): readonly ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => row(Number(name)))
    .filter((found): found is ProcessRow => found !== undefined && found.state !== 'Z' && found.state !== 'X');
}

/** The identity of a process that runs; undefined for one that is gone or a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = row(pid);
  return found === undefined || found.state === 'Z' || found.state === 'X' ? undefined : found;
}

/** Whether this very process still runs. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/** All processes below one, nearest first, without itself. */
export function descendantsOf(pid: number): readonly (ProcessIdentity & { readonly name: string })[] {
  const all = livingProcesses();
  const found: ProcessRow[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter(({ parent }) => parents.has(parent));
    found.push(...children);
    parents = new Set(children.map((child) => child.pid));
  }
  return found;
}

/** The processes that one has started itself, and that still are its children. */
export function childrenOf(pid: number): readonly ProcessIdentity[] {
  return livingProcesses().filter(({ parent }) => parent === pid);
}

/** All processes whose environment carries a marker, among them those that left their parent. */
export function markedWith(marker: string): readonly ProcessIdentity[] {
  const entry = `${MARKER_VARIABLE}=${marker}`;
  return livingProcesses().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry);
    } catch {
      return false;
    }
  });
}

/** Sends a signal; a process that is gone by now is no error. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** How much of a server ends: its own processes, or also all that its sessions have started, however detached. */
export type EndExtent = { readonly sessions: 'keep' } | { readonly sessions: 'end'; readonly marker: string };

/**
 * Kills a server, and resolves when all is gone. Fails after 10 s with the ids that are left.
 *
 * With `sessions: 'keep'` the connections end as well, but commands go on, as they do when `sshd` is killed.
 */
export async function endServer(server: ProcessIdentity, extent: EndExtent): Promise<void> {
  const deadline = Date.now() + 10_000;
  const known = new Map<string, ProcessIdentity>([['server', server]]);
  const name = row(server.pid)?.name ?? '';
  const ends = (child: { readonly name: string }): boolean => extent.sessions === 'end' || child.name.startsWith(name);
  for (;;) {
    // Of what was killed a moment ago, too: a process may have had another child just before.
    const living = [...known.values()].filter((target) => isAlive(target));
    const found = [
      ...living.flatMap((target) => [target, ...descendantsOf(target.pid).filter(ends)]),
      ...(extent.sessions === 'end' ? markedWith(extent.marker) : []),
    ];
    if (found.length === 0) return;
    for (const target of found) {
      known.set(`${target.pid} ${target.startTime}`, target);
      signalProcess(target, 'SIGKILL');
    }
    if (Date.now() > deadline) throw new Error(`processes do not end: ${found.map(({ pid }) => pid).join(', ')}`);
    await delay(10);
  }
}
