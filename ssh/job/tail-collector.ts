import { createHash } from 'node:crypto';

/** Follows one stream of a job from some byte on: counts it, keeps its end, and hashes it where it is seen whole. */
export class TailCollector {
  #next: number;
  #chunks: Buffer[] = [];
  #kept = 0;
  readonly #hash;

  /** @param limit - how many of the last bytes are kept. @param from - where reading begins. */
  constructor(
    private readonly limit: number,
    from: number
  ) {
    this.#next = from;
    this.#hash = from === 0 ? createHash('sha256') : undefined;
  }

  /** The first byte that was not seen yet. */
  get next(): number {
    return this.#next;
  }

  push(bytes: Buffer): void {
    this.#next += bytes.length;
    this.#hash?.update(bytes);
    if (this.limit === 0) return;
    // A copy: the chunk is a window on a receive buffer that is many times larger.
    const end = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.limit)));
    if (end.length === this.limit) this.#keep([]);
    this.#chunks.push(end);
    this.#kept += end.length;
    // In large steps, so that many small writes do not copy the whole tail each time.
    if (this.#kept > 2 * this.limit || this.#chunks.length > 1024) this.#keep([this.tail()]);
  }

  /** The end of the stream; the hash is `null` where its beginning was not seen. Nothing may be pushed afterwards. */
  finish(): { readonly tail: Buffer; readonly bytes: number; readonly sha256: string | null } {
    return { tail: this.tail(), bytes: this.#next, sha256: this.#hash?.digest('hex') ?? null };
  }

  /** The end of what was seen so far. */
  tail(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return Buffer.from(all.subarray(Math.max(0, all.length - this.limit)));
  }

  #keep(chunks: Buffer[]): void {
    this.#chunks = chunks;
    this.#kept = chunks.reduce((sum, { length }) => sum + length, 0);
  }
}
