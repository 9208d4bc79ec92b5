import type { RetryPolicy } from '@temporalio/common';
import { parseDuration } from '../contract';
import type { SshFailureType } from '../contract';

const DEFAULT_INITIAL_MS = 5_000;
const DEFAULT_COEFFICIENT = 2;
const DEFAULT_MAXIMUM_MS = 120_000;

// OpenSSH enforces a penalty from 15 s on, keeps it for up to 10 minutes, and lengthens it for each early retry.
const PENALTY_INITIAL_MS = 15_000;
const PENALTY_MAXIMUM_MS = 600_000;

// Temporal does not schedule sooner than about a second; less jitter than that would be none.
const SHORTEST_MS = 1_000;

/**
 * When to try again, in milliseconds: a window that grows with each attempt by the step's retry policy (without one, 5 s
 * doubling to 2 minutes), and a random moment in it (full jitter), so that steps that failed together do not come
 * back together. A penalised address waits 15 s at least, up to 10 minutes.
 */
export function retryDelayMs(
  type: SshFailureType,
  attempt: number,
  policy: RetryPolicy | undefined,
  random: () => number = Math.random
): number {
  const initial = parseDuration(policy?.initialInterval) ?? DEFAULT_INITIAL_MS;
  const maximum = parseDuration(policy?.maximumInterval) ?? DEFAULT_MAXIMUM_MS;
  const growth = (policy?.backoffCoefficient ?? DEFAULT_COEFFICIENT) ** Math.min(attempt - 1, 60);
  if (type === 'SshServerPenalty') {
    const window = Math.min(Math.max(initial, 2 * PENALTY_INITIAL_MS) * growth, Math.max(maximum, PENALTY_MAXIMUM_MS));
    return between(PENALTY_INITIAL_MS, window, random);
  }
  const window = Math.min(initial * growth, maximum);
  return between(Math.min(SHORTEST_MS, window), window, random);
}

/**
 * When to try a host again that is left alone for so long still: after that, at a random moment within a quarter of it, so
 * that not all steps come back at once.
 */
export function coolDownDelayMs(remainingMs: number, random: () => number = Math.random): number {
  return between(remainingMs, remainingMs + Math.max(SHORTEST_MS, remainingMs / 4), random);
}

function between(low: number, high: number, random: () => number): number {
  return Math.round(low + random() * Math.max(0, high - low));
}
