import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { PeerJob, PeerTimes } from '../peer-job';

const PAGE_KIB = 4;

/** What of this process is in memory, after its garbage was collected where Node was started with `--expose-gc`. */
export function residentKib(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * PAGE_KIB;
}

/** Measures one job of a peer that runs on Node. */
export class Meter {
  readonly #startedAt = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #times: number[] = [];
  #failed = 0;
  bytes = 0;

  /** Runs the job's work, so many at a time; what fails is counted and told. */
  async lanes({ count, concurrency }: PeerJob, work: (index: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        const startedAt = performance.now();
        try {
          await work(index);
        } catch (error) {
          this.#failed += 1;
          console.error(error);
        }
        this.#times.push(performance.now() - startedAt);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  }

  times(more: Partial<PeerTimes> = {}): PeerTimes {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      seconds: (performance.now() - this.#startedAt) / 1_000,
      cpuMs: (user + system) / 1_000,
      maxResidentKib: process.resourceUsage().maxRSS,
      times: this.#times,
      failed: this.#failed,
      bytes: this.bytes,
      ...more,
    };
  }
}

/** What a peer does for each operation. */
export type PeerOperations = Partial<Record<PeerJob['op'], (job: PeerJob) => Promise<PeerTimes>>>;

/** The main program of a peer on Node: one job from stdin, its times to stdout. */
export async function servePeer(operations: PeerOperations): Promise<void> {
  const job = JSON.parse(readFileSync(0, 'utf8')) as PeerJob;
  const operation = operations[job.op];
  if (!operation) throw new Error(`no operation ${job.op}`);
  const times = await operation(job);
  process.stdout.write(`${JSON.stringify(times)}\n`);
  await turn();
}
