/** A number from the environment, which `npm run fuzz` sets; the tests' own when it is not there. */
function setting(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name}: expected a whole number above 0`);
  return value;
}

/** `FUZZ_COUNT`: how many cases each test of a stage runs; of identifications, which cost little, ten times as many. @default 1000 */
export const FUZZ_COUNT = setting('FUZZ_COUNT', 1_000);

/** `FUZZ_SEED`. The same seed and count give the same cases. @default 1 */
export const FUZZ_SEED = setting('FUZZ_SEED', 1);

/** The seed of one case: that case alone is run again with `FUZZ_SEED` set to it and `FUZZ_COUNT=1`. */
export function caseSeed(index: number): number {
  return FUZZ_SEED + index;
}

/** Runs cases in several lanes at once; what goes wrong names its case. */
export async function inLanes(count: number, lanes: number, run: (seed: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const seed = caseSeed(next++);
      try {
        await run(seed);
      } catch (cause) {
        next = count;
        throw new Error(`FUZZ_SEED=${seed} FUZZ_COUNT=1: ${(cause as Error).message}`, { cause });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}
