interface Sample {
  readonly at: number;
  readonly bytes: number;
}

const WINDOW_MS = 5_000;
// Bounds how many there are.
const SAMPLE_MS = 100;

/** How fast bytes come, over the last seconds. */
export class TransferRate {
  #samples: Sample[] = [];
  #latest: Sample | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Begins anew: what is counted is something else now. */
  restart(): void {
    this.#samples = [];
    this.#latest = undefined;
  }

  /** So many bytes in all have come by now. */
  update(bytes: number): void {
    if (this.#latest && bytes < this.#latest.bytes) this.restart();
    const sample = { at: this.now(), bytes };
    this.#latest = sample;
    const last = this.#samples.at(-1);
    if (!last || sample.at - last.at >= SAMPLE_MS) this.#samples.push(sample);
    this.#forget(sample.at);
  }

  get bytesPerSecond(): number {
    const at = this.now();
    this.#forget(at);
    const [first] = this.#samples;
    if (!first || !this.#latest || at <= first.at) return 0;
    return Math.round(((this.#latest.bytes - first.bytes) * 1_000) / (at - first.at));
  }

  /** Keeps one sample from before the window, where it begins. */
  #forget(at: number): void {
    while (this.#samples.length > 1 && (this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift();
    // What stands still for longer has no rate, whenever it began.
    if (this.#latest && this.#latest.at <= at - WINDOW_MS) this.#samples = [this.#latest];
  }
}
