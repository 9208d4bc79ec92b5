import { settleOnce } from '../settle-once';

/** Limits how many connections are being set up at a time, for each host and in all. First come, first served. */
export class SetUpGate {
  #inAll = 0;
  readonly #perHost = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(private readonly limits: { readonly maxSetUps: number; readonly maxSetUpsInAll: number }) {}

  /**
   * Takes a place; resolves with how to give it back, or with `undefined` when none came free within the limit.
   *
   * @throws the signal's reason when aborted.
   */
  enter(
    host: string,
    limitMs: number,
    { signal, inAll = true }: { readonly signal?: AbortSignal | undefined; readonly inAll?: boolean } = {}
  ): Promise<(() => void) | undefined> {
    const share = inAll ? 1 : 0;
    return settleOnce((settlement) => {
      if (signal?.aborted) return settlement.reject(signal.reason);
      const attempt = (): void => {
        const taken = this.#perHost.get(host) ?? 0;
        if (taken >= this.limits.maxSetUps || this.#inAll + share > this.limits.maxSetUpsInAll) return;
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
