/** Numbers that look random and are the same in each run. */
export interface SeededRandom {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  bytes(length: number): Buffer;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** A buffer cut into pieces, empty ones among them. */
  split(bytes: Buffer): Buffer[];
}

/** Makes a generator (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const random: SeededRandom = {
    below: (limit) => Math.floor(next() * limit),
    bytes: (length) => Buffer.from(Array.from({ length }, () => Math.floor(next() * 256))),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    split: (bytes) => {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = random.below(random.pick([2, 10, 100, 10_000]));
        pieces.push(bytes.subarray(at, at + length));
        at += length;
      }
      return pieces;
    },
  };
  return random;
}
