import type { SshHealthyHeartbeat } from '../contract';

/** The looks at a host so far. */
export type Soak = Omit<SshHealthyHeartbeat, 'phase'>;

const count = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;

/** What the looks before left, from the heartbeat details of the last one. */
export function soakOf(details: unknown): Soak {
  const { looks, badLooks, healthySinceMs } = (details ?? {}) as Partial<SshHealthyHeartbeat>;
  return {
    looks: count(looks),
    badLooks: count(badLooks),
    ...(Number.isFinite(healthySinceMs) && { healthySinceMs: healthySinceMs as number }),
  };
}

/** After a look that found it healthy. */
export function goodLook({ looks, healthySinceMs }: Soak, nowMs: number): Required<Soak> {
  return { looks: looks + 1, badLooks: 0, healthySinceMs: healthySinceMs ?? nowMs };
}

/** After a look that did not; `looked` is false where the host was left alone, which says nothing new about it. */
export function badLook({ looks, badLooks }: Soak, looked: boolean): Soak {
  const more = looked ? 1 : 0;
  return { looks: looks + more, badLooks: badLooks + more };
}
