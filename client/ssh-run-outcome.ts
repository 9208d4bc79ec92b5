import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { SshCompensationOutcome, SshProgress } from '../contract';

/** How a run has ended. */
export type SshRunEnd =
  | 'succeeded'
  /** It failed, and everything that was done is undone. */
  | 'undone'
  /** It failed, and nothing was undone: by choice, or since there was nothing to undo. */
  | 'failed'
  /** It failed, was aborted or cancelled, and not everything could be undone. */
  | 'not-undone'
  /** Somebody aborted it; what was done is undone unless that was not wanted. */
  | 'aborted'
  /** It was cancelled, and everything that was done is undone. */
  | 'cancelled'
  /** Temporal ended it, so that nothing was undone. */
  | 'terminated'
  | 'timed-out'
  /** It was refused before anything was done: its options are wrong. */
  | 'invalid';

/** The end of a run, with all that is known of it. */
export interface SshRunOutcome {
  readonly end: SshRunEnd;
  readonly progress?: SshProgress;
  readonly failure?: { readonly type: string; readonly message: string };
  readonly compensation?: SshCompensationOutcome;
}

/**
 * The outcome in what `handle.result()` has rejected with.
 *
 * @throws what was given, where it is no end of a workflow
 */
export function sshRunOutcomeOf(error: unknown): SshRunOutcome {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause } = error;
  if (cause instanceof CancelledFailure) return { end: 'cancelled' };
  if (cause instanceof TerminatedFailure) return ended('terminated', 'Terminated', cause);
  if (cause instanceof TimeoutFailure) return ended('timed-out', 'Timeout', cause);
  const chain = causesOf(cause);
  const types = chain.map(({ type }) => type);
  const details = chain.flatMap((each) => each.details ?? []).filter(isObject);
  const progress = details.find((each) => typeof each['kind'] === 'string' && Array.isArray(each['steps']));
  const compensation = details.find((each) => Array.isArray(each['registered']) && Array.isArray(each['notUndone']));
  const end: SshRunEnd = types.includes('SshCompensationFailed')
    ? 'not-undone'
    : types.includes('SshRunAborted')
      ? 'aborted'
      : types.includes('SshCompensated')
        ? 'undone'
        : types[0] === 'SshInvalidOptions'
          ? 'invalid'
          : 'failed';
  return {
    ...ended(end, types[0] ?? 'Error', cause ?? error),
    ...(progress && { progress: progress as unknown as SshProgress }),
    ...(compensation && { compensation: compensation as unknown as SshCompensationOutcome }),
  };
}

function ended(end: SshRunEnd, type: string, { message }: Error): SshRunOutcome {
  return { end, failure: { type, message } };
}

interface Cause extends Error {
  readonly type?: string;
  readonly details?: readonly unknown[];
}

function causesOf(error: unknown): readonly Cause[] {
  const chain: Cause[] = [];
  for (let current = error; current instanceof Error && !chain.includes(current); current = current.cause) {
    chain.push(current);
  }
  return chain;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
