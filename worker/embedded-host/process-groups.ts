import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;
const SWEEP_MS = 1000;
/** After SIGKILL; longer takes only what hangs in the kernel. */
const KILL_LIMIT_MS = 10_000;

function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM: there are members, but they run as somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tells whether all that is left of a group are zombies, which nobody can kill and a container's init may not reap. */
function onlyZombies(group: number): boolean {
  if (process.platform !== 'linux') return false;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      // The name in parentheses may hold anything, parentheses too.
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(processGroup) === group && state !== 'Z' && state !== 'X') return false;
    } catch {
      // It ended meanwhile.
    }
  }
  return true;
}

/**
 * The process groups that commands run in, from their start until their last member is gone.
 *
 * A group often outlives the command: that is what `&` does. Those are looked at once a second, because a group's id
 * may be given to somebody else's processes after the last member has ended.
 */
export class ProcessGroups {
  readonly #graceMs: number;
  readonly #running = new Set<number>();
  readonly #leftBehind = new Set<number>();
  readonly #ending = new Map<number, Promise<void>>();
  #sweep: NodeJS.Timeout | undefined;

  /** @param graceMs from SIGHUP to SIGKILL, in milliseconds */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** A command runs in this group, as its leader. */
  started(group: number): void {
    this.#running.add(group);
  }

  /** The leader has ended. What it left in the background stays, until {@link endAll}. */
  leaderEnded(group: number): void {
    if (!this.#running.delete(group) || this.#ending.has(group) || !send(group, 0)) return;
    this.#leftBehind.add(group);
    this.#sweep ??= setInterval(() => {
      for (const left of this.#leftBehind) if (!send(left, 0)) this.#leftBehind.delete(left);
      if (this.#leftBehind.size === 0) this.#stopSweep();
    }, SWEEP_MS).unref();
  }

  /** Sends a signal to a group whose leader runs. */
  signal(group: number, signal: NodeJS.Signals): void {
    if (this.#running.has(group)) send(group, signal);
  }

  /** SIGHUP, after the grace SIGKILL. Resolves when no member is left; rejects when one survives SIGKILL. */
  end(group: number): Promise<void> {
    let ending = this.#ending.get(group);
    if (ending === undefined) {
      ending = this.#end(group).finally(() => {
        this.#ending.delete(group);
        this.#leftBehind.delete(group);
      });
      this.#ending.set(group, ending);
    }
    return ending;
  }

  /** {@link end} for every group that has members. */
  async endAll(): Promise<void> {
    this.#stopSweep();
    const groups = new Set([...this.#running, ...this.#leftBehind, ...this.#ending.keys()]);
    const results = await Promise.allSettled([...groups].map((group) => this.end(group)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #stopSweep(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  async #end(group: number): Promise<void> {
    if (!send(group, 'SIGHUP')) return;
    // A stopped process takes SIGHUP only when it goes on.
    send(group, 'SIGCONT');
    for (let waited = 0; waited < this.#graceMs; waited += POLL_MS) {
      await delay(POLL_MS);
      if (!send(group, 0)) return;
    }
    for (let waited = 0; send(group, 'SIGKILL') && !onlyZombies(group); waited += POLL_MS) {
      if (waited >= KILL_LIMIT_MS)
        throw new Error(`Process group ${group} is still there ${KILL_LIMIT_MS} ms after SIGKILL.`);
      await delay(POLL_MS);
    }
  }
}
