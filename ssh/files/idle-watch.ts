/** Calls back once when requests are pending and nothing comes for so long. */
export class IdleWatch {
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #mark = '';

  /** @param mark changes with each byte that comes, and with each that the other side takes */
  constructor(
    private readonly limitMs: number,
    private readonly mark: () => string,
    private readonly onIdle: () => void
  ) {}

  /** So many requests are pending now, after one was sent or answered. */
  update(pending: number): void {
    this.#lastAt = performance.now();
    if (pending === 0) this.stop();
    else if (!this.#timer) this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(again = false): void {
    const left = this.limitMs - (performance.now() - this.#lastAt);
    // Where this process itself stood still, an answer may wait to be read: timers come before it.
    const ms = again ? 1 : Math.min(Math.max(left, 1), this.limitMs / LOOKS);
    this.#timer = setTimeout(() => this.#look(again), ms);
  }

  #look(again: boolean): void {
    const mark = this.mark();
    if (mark !== this.#mark) this.#lastAt = performance.now();
    this.#mark = mark;
    const over = performance.now() - this.#lastAt >= this.limitMs;
    if (!over || !again) return this.#wait(over);
    this.stop();
    this.onIdle();
  }
}

// How much too late a silence may be noticed, as a part of the limit.
const LOOKS = 8;
