/**
 * Runs `fn` for each item, at most so many at once. Once one of them says to stop, no other is begun; those that run go on
 * to their end.
 *
 * @param before - is waited for before each item; what it is given tells whether one has said to stop meanwhile
 * @throws what the first of them threw, when all that were begun have ended
 */
export async function atOnce<T>(
  limit: number,
  items: readonly T[],
  fn: (item: T) => Promise<'go on' | 'stop'>,
  before: (stopped: () => boolean) => Promise<void> = async () => undefined
): Promise<void> {
  let next = 0;
  let stopped = false;
  const errors: unknown[] = [];
  const isStopped = (): boolean => stopped;
  const lane = async (): Promise<void> => {
    while (!isStopped() && next < items.length) {
      try {
        await before(isStopped);
        if (isStopped() || next >= items.length) return;
        const item = items[next] as T;
        next += 1;
        if ((await fn(item)) === 'stop') stopped = true;
      } catch (error) {
        stopped = true;
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));

  if (errors.length > 0) throw errors[0];
}
