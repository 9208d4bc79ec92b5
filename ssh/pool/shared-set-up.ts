import type { DialObserver } from '../dial';
import { settleOnce } from '../settle-once';
import type { WireStage } from '../stage-clock';
import type { PooledConnection } from './pooled-connection';

/** What a step waits with. */
export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  readonly observer?: DialObserver | undefined;
}

/**
 * One connection that is being set up, for all the steps that wait for it.
 *
 * Each of them may be cancelled by itself; the set-up ends early only when the last one was.
 */
export class SharedSetUp {
  #joined = 0;
  #waiting = 0;
  #ended = false;
  readonly #observers = new Set<DialObserver>();
  #stage: WireStage | undefined;
  readonly #abort = new AbortController();
  readonly #result: Promise<PooledConnection>;

  constructor(
    start: (signal: AbortSignal, observer: DialObserver) => Promise<PooledConnection>,
    private readonly capacity: number
  ) {
    this.#result = start(this.#abort.signal, {
      onStage: (stage) => {
        this.#stage = stage;
        for (const observer of this.#observers) observer.onStage?.(stage);
      },
    }).finally(() => (this.#ended = true));
    this.#result.catch(() => undefined);
  }

  /** Whether another step can wait for it and will find a place. */
  get hasRoom(): boolean {
    return !this.#ended && !this.#abort.signal.aborted && this.#joined < this.capacity;
  }

  /** Ends it for all who wait. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /** Calls back when the set-up has ended, well or not. */
  onEnd(callback: () => void): void {
    this.#result.then(callback, callback);
  }

  /** Waits for the connection. */
  join({ signal, observer }: JoinOptions): Promise<PooledConnection> {
    this.#joined += 1;
    this.#waiting += 1;
    return settleOnce((settlement) => {
      const onAbort = (): void => settlement.reject(signal?.reason);
      if (observer) this.#observers.add(observer);
      if (this.#stage) observer?.onStage?.(this.#stage);
      signal?.addEventListener('abort', onAbort, { once: true });
      settlement.onSettled(() => {
        this.#waiting -= 1;
        signal?.removeEventListener('abort', onAbort);
        if (observer) this.#observers.delete(observer);
        if (this.#waiting === 0 && !this.#ended) this.#abort.abort(signal?.reason);
      });
      this.#result.then(settlement.resolve, settlement.reject);
    });
  }
}
