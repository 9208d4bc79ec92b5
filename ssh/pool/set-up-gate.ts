import { settleOnce } from '../settle-once';

/** What a {@link SetUpGate} allows at most. */
export interface SetUpLimits {
  readonly maxSetUps: number;
  readonly maxSetUpsInAll: number;
}

/** How a place is asked for. */
export interface EnterOptions {
  readonly signal?: AbortSignal | undefined;
  /** Counts against the limit of all hosts together. @default true */
  readonly inAll?: boolean;
}

interface Narrowed {
  limit: number;
  /** Set-ups in a row that the host took since the limit last changed. */
  calm: number;
  /** When the limit was last lowered. */
  at: number;
}

// A host that was full once is believed for a while: each probe for more costs a step its turn.
const WIDEN_AFTER = 16;
const MAX_NARROWED = 10_000;

/**
 * Limits how many connections are being set up at a time, for each host and in all. First come, first served.
 *
 * The limit of a host is halved each time that it refuses a set-up for having too many, and grows again by one for every
 * 16 that it takes: `MaxStartups` of a server is not known, but it shows.
 */
export class SetUpGate {
  #inAll = 0;
  readonly #perHost = new Map<string, number>();
  readonly #narrowed = new Map<string, Narrowed>();
  readonly #waiting = new Set<() => void>();

  constructor(private readonly limits: SetUpLimits) {}

  /** How many set-ups the host is given at a time now. */
  limitOf(host: string): number {
    return this.#narrowed.get(host)?.limit ?? this.limits.maxSetUps;
  }

  /**
   * Takes a place; resolves with how to give it back, or with `undefined` when none came free within the limit.
   *
   * @throws the signal's reason when aborted.
   */
  enter(host: string, limitMs: number, { signal, inAll = true }: EnterOptions = {}): Promise<(() => void) | undefined> {
    const share = inAll ? 1 : 0;
    return settleOnce((settlement) => {
      if (signal?.aborted) return settlement.reject(signal.reason);
      const attempt = (): void => {
        const taken = this.#perHost.get(host) ?? 0;
        if (taken >= this.limitOf(host) || this.#inAll + share > this.limits.maxSetUpsInAll) return;
        this.#perHost.set(host, taken + 1);
        this.#inAll += share;
        settlement.resolve(this.#leave(host, share));
      };
      attempt();
      if (settlement.settled) return;
      const onAbort = (): void => settlement.reject(signal?.reason);
      const timer = setTimeout(() => settlement.resolve(undefined), limitMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(attempt);
      settlement.onSettled(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(attempt);
      });
    });
  }

  /** The host said, to a set-up that began at a time, that it has too many; those that began together tell one thing. */
  refused(host: string, startedAt: number): void {
    if (startedAt < (this.#narrowed.get(host)?.at ?? 0)) return;
    const [oldest] = this.#narrowed.keys();
    if (this.#narrowed.size >= MAX_NARROWED && oldest !== undefined) this.#narrowed.delete(oldest);
    this.#narrowed.set(host, {
      limit: Math.max(1, Math.floor(this.limitOf(host) / 2)),
      calm: 0,
      at: performance.now(),
    });
  }

  /** The host took a set-up. */
  accepted(host: string): void {
    const state = this.#narrowed.get(host);
    if (!state || ++state.calm < WIDEN_AFTER) return;
    state.calm = 0;
    state.limit += 1;
    if (state.limit >= this.limits.maxSetUps) this.#narrowed.delete(host);
  }

  #leave(host: string, share: number): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inAll -= share;
      const taken = (this.#perHost.get(host) ?? 1) - 1;
      if (taken > 0) this.#perHost.set(host, taken);
      else this.#perHost.delete(host);
      for (const attempt of [...this.#waiting]) attempt();
    };
  }
}
