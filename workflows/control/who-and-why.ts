import { kindOf } from '../../contract';

/** Refuses an update that does not say who asks and why; for validators. */
export function requireWhoAndWhy(input: unknown): void {
  if (typeof input !== 'object' || input === null) {
    throw new Error(`expected an object with by and reason, found ${kindOf(input)}`);
  }
  for (const field of ['by', 'reason'] as const) {
    const value = (input as Record<string, unknown>)[field];
    if (typeof value === 'string' && value.trim() !== '' && value.length <= 500) continue;
    throw new Error(`${field}: expected 1 to 500 characters that say who or why, found ${kindOf(value)}`);
  }
}
