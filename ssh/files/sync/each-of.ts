/** Shared by several {@link eachOf} that are one piece of work: the first failure of any stops them all. */
export interface FirstFailure {
  failure?: { readonly error: unknown };
}

/**
 * Does something with each item, so many at a time. After the first failure nothing new is begun; it rejects with that
 * failure once what is under way has ended.
 */
export async function eachOf<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
  first: FirstFailure = {}
): Promise<void> {
  const left = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    while (!first.failure) {
      const next = left.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (error) {
        first.failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (first.failure) throw first.failure.error;
}
