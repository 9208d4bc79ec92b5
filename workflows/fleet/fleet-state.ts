import type { SshFleetCounts, SshFleetHost } from '../../contract';
import { emptyCounts } from './fleet-counts';
import type { FleetHostResult } from './host-run';

/** What is carried through continue-as-new. */
export interface CarriedFleet {
  readonly succeeded: readonly string[];
  readonly ended: readonly FleetHostResult[];
  readonly unavailable: number;
}

const REPORTED = 200;
const MAX_MESSAGES = 300_000;
const LEAST_WITH_OUTPUT = 2_000;

/** What has become of the hosts of a fleet. */
export class FleetState {
  /** In the order in which they ended. */
  readonly succeeded: string[];
  readonly #ended: Map<string, FleetHostResult>;
  #unavailable: number;

  constructor(
    readonly total: number,
    carried: CarriedFleet = { succeeded: [], ended: [], unavailable: 0 }
  ) {
    this.succeeded = [...carried.succeeded];
    this.#ended = new Map(carried.ended.map((result) => [result.host, result]));
    this.#unavailable = carried.unavailable;
  }

  /** How many are out of service because they failed. */
  get unavailable(): number {
    return this.#unavailable;
  }

  /** Those that count against the budget. */
  get failed(): readonly FleetHostResult[] {
    return [...this.#ended.values()].filter(({ state }) => state !== 'skipped');
  }

  carry(): CarriedFleet {
    const results = [...this.#ended.values()];
    // All together have to fit into a payload, with the names of all hosts.
    const each = Math.floor(MAX_MESSAGES / Math.max(1, results.length));
    const ended = results.map(({ message, stderrTail, ...result }) => ({
      ...result,
      ...(message !== undefined && { message: message.slice(0, each) }),
      // Beside a whole message only.
      ...(stderrTail !== undefined && each >= LEAST_WITH_OUTPUT && { stderrTail }),
    }));
    return { succeeded: this.succeeded, ended, unavailable: this.#unavailable };
  }

  add(results: readonly FleetHostResult[]): void {
    for (const result of results) {
      if (result.state === 'succeeded') this.succeeded.push(result.host);
      else this.#ended.set(result.host, result);
      if (!result.available) this.#unavailable += 1;
    }
  }

  /** Takes hosts back, which are to run again. */
  forget(hosts: readonly string[]): void {
    for (const host of hosts) {
      if (this.#ended.get(host)?.available === false) this.#unavailable -= 1;
      this.#ended.delete(host);
    }
  }

  /** Notes how the rollback of hosts that had succeeded ended. */
  rolledBack(results: readonly FleetHostResult[]): void {
    const hosts = new Set(results.map(({ host }) => host));
    this.succeeded.splice(0, this.succeeded.length, ...this.succeeded.filter((host) => !hosts.has(host)));
    for (const result of results) this.#ended.set(result.host, result);
  }

  counts(running: number): SshFleetCounts {
    const counts = emptyCounts(this.total);
    counts.succeeded = this.succeeded.length;
    for (const { state } of this.#ended.values()) counts[state] += 1;
    counts.running = running;
    counts.pending = Math.max(0, this.total - counts.succeeded - this.#ended.size - running);
    return counts;
  }

  /** Those that did not succeed; the worst first. */
  report(): readonly SshFleetHost[] {
    const rank = { failed: 0, undone: 1, skipped: 2, succeeded: 3 };
    return [...this.#ended.values()]
      .sort((a, b) => rank[a.state] - rank[b.state])
      .slice(0, REPORTED)
      .map(({ available: _available, ...host }) => host);
  }
}
