import type { DialObserver } from '../dial';
import { settleOnce } from '../settle-once';
import type { WireStage } from '../stage-clock';
import type { Lease } from './lease';
import type { PooledConnection } from './pooled-connection';

/** What a step waits with. */
export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  readonly observer?: DialObserver | undefined;
  /** How long to wait at most; `undefined`: as long as it takes. */
  readonly waitMs: number | undefined;
}

interface Claim {
  resolve(pooled: PooledConnection): void;
  /** The server turned out to take fewer steps on a connection than have waited. */
  full(): void;
  reject(error: unknown): void;
}

/**
 * One connection that is being set up, for all the steps that wait for it.
 *
 * Each of them may be cancelled by itself, or served by another connection that has a place meanwhile. When the last one
 * is gone, a set-up that has not begun to dial is dropped; one that was cancelled is ended.
 */
export class SharedSetUp {
  #joined = 0;
  #ended = false;
  readonly #claims = new Set<Claim>();
  readonly #observers = new Set<DialObserver>();
  #stage: WireStage | undefined;
  readonly #abort = new AbortController();
  readonly #result: Promise<void>;

  /**
   * @param kind - only steps of the same kind may join: others have other deadlines, and would be held to these
   * @param fresh - those who wait had no luck with a connection that was there, and want none of these
   */
  constructor(
    readonly kind: string,
    private readonly fresh: boolean,
    start: (signal: AbortSignal, observer: DialObserver) => Promise<PooledConnection>,
    private readonly capacity: number,
    private readonly take: (pooled: PooledConnection, first: boolean) => Lease
  ) {
    const observer: DialObserver = {
      onStage: (stage) => {
        this.#stage = stage;
        for (const each of this.#observers) each.onStage?.(stage);
      },
    };
    this.#result = start(this.#abort.signal, observer).then(
      (pooled) => this.#settle((claim) => (pooled.hasRoom ? claim.resolve(pooled) : claim.full())),
      (error: unknown) => this.#settle((claim) => claim.reject(error))
    );
  }

  /** Whether another step can wait for it and will find a place. */
  get hasRoom(): boolean {
    return !this.#ended && !this.#abort.signal.aborted && this.#joined < this.capacity;
  }

  /** It has begun to dial, and goes on whoever waits. */
  get dials(): boolean {
    return this.#stage !== undefined;
  }

  /** Ends it for all who wait. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /** Calls back when the set-up has ended, well or not. */
  onEnd(callback: () => void): void {
    void this.#result.then(callback);
  }

  /** Gives a place on another connection to one of the steps that wait; whether there was one. */
  offer(pooled: PooledConnection): boolean {
    const [claim] = this.#claims;
    if (!claim || this.#ended || this.fresh) return false;
    claim.resolve(pooled);
    return true;
  }

  /**
   * Waits for the connection; resolves with `undefined` when the time to wait is over, and with `full` when there was no place for this
   * one.
   */
  join({ signal, observer, waitMs }: JoinOptions): Promise<Lease | 'full' | undefined> {
    const first = this.#joined === 0;
    this.#joined += 1;
    return settleOnce((settlement) => {
      const claim: Claim = {
        // The place is taken at once: between a promise and its `then` others could take it.
        resolve: (pooled) => settlement.settled || settlement.resolve(this.take(pooled, first && this.#ended)),
        full: () => settlement.resolve('full'),
        reject: settlement.reject,
      };
      const onAbort = (): void => {
        settlement.reject(signal?.reason);
        if (this.#claims.size === 0 && !this.#ended) this.#abort.abort(signal?.reason);
      };
      this.#claims.add(claim);
      if (observer) this.#observers.add(observer);
      if (this.#stage) observer?.onStage?.(this.#stage);
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer = waitMs === undefined ? undefined : setTimeout(() => settlement.resolve(undefined), waitMs);
      settlement.onSettled(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#claims.delete(claim);
        if (observer) this.#observers.delete(observer);
        // It still waits for its turn: that is not needed any more. One that dials goes on and is kept, since a server
        // counts connections that go away before they have logged in.
        if (this.#claims.size === 0 && !this.#ended && !this.dials) this.#abort.abort();
      });
    });
  }

  #settle(act: (claim: Claim) => void): void {
    this.#ended = true;
    for (const claim of [...this.#claims]) act(claim);
  }
}
