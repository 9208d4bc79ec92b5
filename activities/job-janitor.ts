import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import { resolveDeadlines } from '../contract';
import type { SshBecome } from '../contract';
import type { JobDependencies } from './job-dependencies';

const SWEEP_INTERVAL_MS = 3_600_000;
const CLOSE_LIMIT_MS = 5_000;
// Names of jobs on one request; they are part of what is sent.
const MOST_IDS = 200;

/** A job whose result was handed on. */
export interface DoneJob {
  readonly host: string;
  readonly id: string;
  readonly become?: SshBecome | undefined;
}

interface HostJobs {
  readonly host: string;
  readonly become: SshBecome | undefined;
  /** Ids, and when each may be removed (`performance.now()`). */
  readonly due: Map<string, number>;
  timer?: NodeJS.Timeout | undefined;
  sweptAt: number;
}

/**
 * Removes jobs from their hosts, some time after their results were handed on.
 *
 * Not the activity itself: were its worker to die between the removal and the report, the result would be lost with the
 * output. Best effort: what is not removed now is found by a later sweep.
 */
export class JobJanitor {
  readonly #hosts = new Map<string, HostJobs>();

  constructor(private readonly dependencies: Omit<JobDependencies, 'janitor' | 'telemetry' | 'jobFailure'>) {}

  /** A job has a result: it is removed after the delay. */
  done({ host, id, become }: DoneJob, log: Context['log']): void {
    const key = JSON.stringify([host, become ?? null]);
    let jobs = this.#hosts.get(key);
    if (!jobs) this.#hosts.set(key, (jobs = { host, become, due: new Map(), sweptAt: -Infinity }));
    jobs.due.set(id, performance.now() + this.dependencies.limits.cleanupDelayMs);
    this.#schedule(jobs, log);
  }

  /** Removes at once what is waiting, for 5 s at most. */
  async close(): Promise<void> {
    const limit = AbortSignal.timeout(CLOSE_LIMIT_MS);
    const ended = new AbortController();
    const all = [...this.#hosts.values()].filter(({ due }) => due.size > 0);
    for (const jobs of all) clearTimeout(jobs.timer);
    const removals: Promise<unknown> = Promise.all(
      all.map(async (jobs) => this.#remove(jobs, [...jobs.due.keys()], limit))
    );
    // Whatever a client does about its signal, the worker ends.
    const late: Promise<unknown> = delay(CLOSE_LIMIT_MS, null, { signal: ended.signal });
    await Promise.race([removals, late]).catch(() => undefined);
    ended.abort();
    await late.catch(() => undefined);
    this.#hosts.clear();
  }

  #schedule(jobs: HostJobs, log: Context['log']): void {
    if (jobs.timer !== undefined || jobs.due.size === 0) return;
    const { cleanupDelayMs } = this.dependencies.limits;
    // A little later than the first is due, so that others go along with it.
    const wait = Math.max(0, Math.min(...jobs.due.values()) - performance.now()) + cleanupDelayMs / 10;
    jobs.timer = setTimeout(() => {
      const now = performance.now();
      const ids = [...jobs.due].filter(([, dueAt]) => dueAt <= now).map(([id]) => id);
      void this.#remove(jobs, ids)
        .catch((error: unknown) => {
          log.debug('SSH jobs were not removed', { host: jobs.host, type: typeOf(error) });
        })
        .finally(() => {
          jobs.timer = undefined;
          this.#schedule(jobs, log);
        });
    }, wait);
    jobs.timer.unref();
  }

  async #remove(jobs: HostJobs, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    // Tried once: a host that does not answer must not keep its jobs in memory.
    for (const id of ids) jobs.due.delete(id);
    const { resolve, pool, createJobClient, limits } = this.dependencies;
    const target = await resolve(jobs.host);
    const { run: _run, idle: _idle, ...deadlines } = resolveDeadlines(target.timeouts);
    const { become } = jobs;
    const client = createJobClient(pool, target, { deadlines, ...(signal && { signal }), ...(become && { become }) });
    for (let first = 0; first < ids.length; first += MOST_IDS) await client.cleanUp(ids.slice(first, first + MOST_IDS));
    if (signal || performance.now() - jobs.sweptAt < SWEEP_INTERVAL_MS) return;
    jobs.sweptAt = performance.now();
    await client.sweep(limits.retention);
  }
}

function typeOf(error: unknown): string {
  return (error as { type?: string } | undefined)?.type ?? 'error';
}
