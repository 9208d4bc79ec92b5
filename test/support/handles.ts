import { setTimeout as delay } from 'node:timers/promises';

type Counts = ReadonlyMap<string, number>;

function activeResources(): Counts {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function additional(before: Counts, after: Counts): readonly string[] {
  return [...after]
    .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    .filter(([, more]) => more > 0)
    .map(([name, more]) => `${more} ${name}`);
}

function openSockets(): readonly string[] {
  const { libuv = [] } = process.report.getReport() as unknown as {
    libuv?: readonly {
      type: string;
      is_active: boolean;
      localEndpoint?: { port: number } | null;
      remoteEndpoint?: { port: number } | null;
    }[];
  };
  return libuv
    .filter(({ type }) => type === 'tcp')
    .map(({ localEndpoint, remoteEndpoint }) => `tcp ${localEndpoint?.port ?? '?'} -> ${remoteEndpoint?.port ?? '-'}`);
}

/**
 * Runs something and fails, naming the difference, when it leaves sockets, timers, child processes or the like that it
 * found not there. What is on its way out is given time, 5 s unless told.
 *
 * Counts what keeps the process alive (`process.getActiveResourcesInfo`): a handle after `unref()` is not seen.
 */
export async function assertNothingLeft<T>(
  fn: () => Promise<T>,
  { withinMs = 5_000 }: { readonly withinMs?: number } = {}
): Promise<T> {
  const before = activeResources();
  const result = await fn();
  const deadline = Date.now() + withinMs;
  for (;;) {
    const left = additional(before, activeResources());
    if (left.length === 0) return result;
    if (Date.now() > deadline) {
      const sockets = openSockets();
      throw new Error(`left behind: ${left.join(', ')}${sockets.length > 0 ? `\n  ${sockets.join('\n  ')}` : ''}`);
    }
    await delay(20);
  }
}
