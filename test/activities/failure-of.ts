import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { isSshFailureType } from '../../contract';
import type { SshFailureDetails, SshFailureType } from '../../contract';

/** An `ApplicationFailure` of ours, as a workflow gets to see it. */
export interface OurFailure {
  readonly type: SshFailureType;
  readonly message: string;
  readonly nonRetryable: boolean;
  readonly delayMs: number | undefined;
  readonly details: SshFailureDetails & Readonly<Record<string, unknown>>;
  readonly cause: OurFailure | undefined;
}

/** Reads an error, and fails where it is not a whole failure of ours. */
export function read(error: unknown): OurFailure {
  assert.ok(error instanceof ApplicationFailure, `an ApplicationFailure, not ${String(error)}`);
  const { type, message, nonRetryable, nextRetryDelay, details, cause } = error;
  assert.ok(isSshFailureType(type), `${String(type)} is no type of ours`);
  assert.equal(details?.length, 1);
  assert.ok(nextRetryDelay === undefined || typeof nextRetryDelay === 'number');
  return {
    type,
    message,
    nonRetryable: nonRetryable ?? false,
    delayMs: nextRetryDelay,
    details: details[0] as OurFailure['details'],
    cause: cause === undefined ? undefined : read(cause),
  };
}

/** The failure that a promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<OurFailure> {
  const [result] = await Promise.allSettled([promise]);
  assert.equal(result?.status, 'rejected', 'it failed');
  return read(result.reason);
}
