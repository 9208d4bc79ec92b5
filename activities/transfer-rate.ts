const WINDOW_MS = 5_000;

/** How fast bytes come, over the last seconds. */
export class TransferRate {
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Begins anew: what is counted is something else now. */
  restart(): void {
    this.#samples = [];
  }

  /** So many bytes in all have come by now. */
  update(bytes: number): void {
    const at = this.now();
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.restart();
    // One sample a tenth of a second is enough, and bounds their number.
    if (last && this.#samples.length > 1 && at - last.at < WINDOW_MS / 50) this.#samples.pop();
    this.#samples.push({ at, bytes });
    this.#forget(at);
  }

  get bytesPerSecond(): number {
    const at = this.now();
    this.#forget(at);
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || at <= first.at) return 0;
    return Math.round(((last.bytes - first.bytes) * 1_000) / (at - first.at));
  }

  /** Keeps one sample from before the window, where it begins. */
  #forget(at: number): void {
    while (this.#samples.length > 1 && (this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift();
  }
}
