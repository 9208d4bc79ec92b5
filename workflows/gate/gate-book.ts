import type {
  SshGateEvictInput,
  SshGateEviction,
  SshGateHolder,
  SshGateLease,
  SshGateRequest,
  SshGateState,
  SshGateWaiter,
} from '../../contract';

const EVICTIONS = 10;
// What waits has to fit into the input of the next run: Temporal refuses 2 MiB.
const MAX_WAITING = 1_000;

/** What {@link GateBook.request} made of a request. */
export type RequestOutcome = 'queued' | 'queued before' | 'held' | 'full';

/** Who holds a gate and who waits for it. Knows nothing of Temporal; times are milliseconds since 1970. */
export class GateBook {
  #holders: SshGateLease[];
  #waiting: SshGateWaiter[];
  #evictions: SshGateEviction[];

  constructor(
    readonly name: string,
    { holders = [], waiting = [], evictions = [] }: Partial<Omit<SshGateState, 'name'>> = {}
  ) {
    this.#holders = [...holders];
    this.#waiting = [...waiting];
    this.#evictions = [...evictions];
  }

  get state(): SshGateState {
    return { name: this.name, holders: this.#holders, waiting: this.#waiting, evictions: this.#evictions };
  }

  get empty(): boolean {
    return this.#holders.length === 0 && this.#waiting.length === 0;
  }

  /** How often to look after the holders: as often as the most impatient of those that wait wants. */
  get checkMs(): number | undefined {
    if (this.#waiting.length === 0 || this.#holders.length === 0) return undefined;
    return Math.min(...this.#waiting.map(({ checkMs }) => checkMs));
  }

  /** When the next lease ends. */
  get nextEnd(): number | undefined {
    if (this.#holders.length === 0) return undefined;
    return Math.min(...this.#holders.map(({ expiresAt }) => Date.parse(expiresAt)));
  }

  lease(requestId: string): SshGateLease | undefined {
    return this.#holders.find((lease) => lease.requestId === requestId);
  }

  knows(requestId: string): boolean {
    return [...this.#holders, ...this.#waiting].some((each) => each.requestId === requestId);
  }

  request(request: SshGateRequest, now: number): RequestOutcome {
    const held = this.lease(request.requestId);
    if (held) {
      // The next run of the holder, or the one after a reset, takes over the lease.
      this.#replace({ ...held, holder: request.holder });
      return 'held';
    }
    if (this.knows(request.requestId)) {
      this.#waiting = this.#waiting.map((each) =>
        each.requestId === request.requestId ? { ...each, holder: request.holder } : each
      );
      return 'queued before';
    }
    if (this.#waiting.length >= MAX_WAITING) return 'full';
    this.#waiting.push({ ...request, requestedAt: iso(now) });
    return 'queued';
  }

  /** Takes away a lease or a request, if it is there. */
  remove(requestId: string): boolean {
    const before = this.#holders.length + this.#waiting.length;
    this.#holders = this.#holders.filter((lease) => lease.requestId !== requestId);
    this.#waiting = this.#waiting.filter((waiter) => waiter.requestId !== requestId);
    return this.#holders.length + this.#waiting.length < before;
  }

  /** A lease that is lost stays so. */
  renew(requestId: string, leaseMs: number, now: number): SshGateLease | undefined {
    const lease = this.lease(requestId);
    if (!lease || lease.lost !== undefined) return undefined;
    const renewed = { ...lease, leaseMs, expiresAt: iso(now + leaseMs) };
    this.#replace(renewed);
    return renewed;
  }

  /** Lets in whoever may, first come first served: nobody passes one that has to wait. */
  admit(now: number): readonly SshGateLease[] {
    const admitted: SshGateLease[] = [];
    for (;;) {
      const [first, ...others] = this.#waiting;
      if (!first || !this.#admits(first)) return admitted;
      const { requestedAt: _, ...request } = first;
      const lease = { ...request, grantedAt: iso(now), expiresAt: iso(now + first.leaseMs) };
      this.#waiting = others;
      this.#holders.push(lease);
      admitted.push(lease);
    }
  }

  #admits({ mode, max = Infinity }: SshGateRequest): boolean {
    if (this.#holders.length === 0) return true;
    const limit = Math.min(max, ...this.#holders.map((lease) => lease.max ?? Infinity));
    const shared = mode === 'shared' && this.#holders.every((lease) => lease.mode === 'shared');
    return shared && this.#holders.length < limit;
  }

  /** Ends leases whose time is up: those that were lost before are gone, the others are lost from now on. */
  expire(now: number): readonly SshGateLease[] {
    const due = this.#holders.filter(({ expiresAt }) => Date.parse(expiresAt) <= now);
    return due.flatMap((lease) => {
      if (lease.lost !== undefined) {
        this.remove(lease.requestId);
        return [];
      }
      return [this.#lose(lease, `it lasted longer than ${lease.leaseMs} ms`, now)];
    });
  }

  /**
   * Takes a lease or a request away. Who holds gets its grace to stop; a lease that is lost already is gone at once.
   *
   * @returns whose it was, if it was there.
   */
  evict({ requestId, by, reason }: SshGateEvictInput, now: number): SshGateHolder | undefined {
    const found = [...this.#holders, ...this.#waiting].find((each) => each.requestId === requestId);
    if (!found) return undefined;
    const eviction = { requestId, workflowId: found.holder.workflowId, by, reason, at: iso(now) };
    this.#evictions = [...this.#evictions, eviction].slice(-EVICTIONS);
    const lease = this.lease(requestId);
    if (lease && lease.lost === undefined) this.#lose(lease, evictionReason(by, reason), now);
    else this.remove(requestId);
    return found.holder;
  }

  #lose(lease: SshGateLease, lost: string, now: number): SshGateLease {
    const losing = { ...lease, lost, expiresAt: iso(now + lease.graceMs) };
    this.#replace(losing);
    return losing;
  }

  #replace(lease: SshGateLease): void {
    this.#holders = this.#holders.map((each) => (each.requestId === lease.requestId ? lease : each));
  }
}

/** What the holder is told. */
export function evictionReason(by: string, reason: string): string {
  return `${by} took it away: ${reason}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
