import { createHash } from 'node:crypto';

/** One stream of a command as it is reported. */
export interface CollectedOutput {
  /** The bytes that were kept: from the beginning and from the end. The same buffer twice when nothing is missing. */
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Counts and hashes a stream, and keeps its beginning and its end: half of the limit each.
 *
 * Memory is bounded by twice the limit, whatever the command writes.
 */
export class OutputCollector {
  #bytes = 0;
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  readonly #hash = createHash('sha256');

  constructor(limit: number) {
    this.#headLimit = Math.ceil(limit / 2);
    this.#tailLimit = Math.floor(limit / 2);
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    const room = this.#headLimit - this.#headBytes;
    const forHead = Math.min(Math.max(room, 0), chunk.length);
    if (forHead > 0) {
      // A copy: the chunk is a window on a receive buffer that is many times larger.
      this.#head.push(Buffer.from(chunk.subarray(0, forHead)));
      this.#headBytes += forHead;
    }
    if (forHead < chunk.length && this.#tailLimit > 0) this.#pushTail(chunk.subarray(forHead));
  }

  /** What was collected so far. The hash ends here; nothing may be pushed afterwards. */
  finish(): CollectedOutput {
    return { ...this.snapshot(), sha256: this.#hash.digest('hex') };
  }

  /** What is kept so far. */
  snapshot(): Omit<CollectedOutput, 'sha256'> {
    const tail = Buffer.concat(this.#tail);
    return {
      head: Buffer.concat(this.#head),
      tail: tail.subarray(Math.max(0, tail.length - this.#tailLimit)),
      bytes: this.#bytes,
    };
  }

  #pushTail(chunk: Buffer): void {
    const end = Buffer.from(chunk.subarray(Math.max(0, chunk.length - this.#tailLimit)));
    if (end.length === this.#tailLimit) this.#tail = [];
    this.#tail.push(end);
    this.#tailBytes = this.#tail.length === 1 ? end.length : this.#tailBytes + end.length;
    // Compacted in large steps, so that many small writes do not copy the whole tail each time.
    if (this.#tailBytes > 2 * this.#tailLimit || this.#tail.length > 1024) {
      const all = Buffer.concat(this.#tail);
      this.#tail = [Buffer.from(all.subarray(Math.max(0, all.length - this.#tailLimit)))];
      this.#tailBytes = this.#tail[0]?.length ?? 0;
    }
  }
}
