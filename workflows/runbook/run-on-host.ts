import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { sshFailureOf } from '../../contract';
import type { SshOnFailure, SshQuestion, SshResolution, SshRunbookStep } from '../../contract';
import type { RunControl } from '../control/run-control';
import { failureText } from '../failure-text';
import { UndoScope } from '../undo-scope';
import { neverRan } from './never-ran';
import { actOnHost, verifyOnHost } from './step-action';
import type { StepDefaults } from './step-action';
import type { StepOutput } from './step-output';

/** What a step is run with. */
export interface HostRun {
  readonly control: RunControl;
  readonly given: StepDefaults;
  /** What becomes of failures where the step says nothing. */
  readonly onFailure: SshOnFailure;
  /** Is told when the step waits for somebody, and when it does no more. */
  readonly onWaiting: (waiting: boolean) => void;
}

/** How a step ended on a host, and what is to become of the run. */
export type HostEnd =
  | { readonly state: 'succeeded'; readonly output: StepOutput }
  | {
      readonly state: 'failed';
      readonly error: unknown;
      readonly then: 'undo' | 'stop' | 'continue';
      /** It is sure that nothing was done, and so nothing is to be undone. */
      readonly neverRan: boolean;
    };

const AFTER_FAILURE = ['retry', 'skip', 'compensate', 'stop', 'ran'] as const;
const AFTER_UNKNOWN = ['ran', 'did-not-run', 'retry', 'compensate', 'stop', 'skip'] as const;

/**
 * Runs a step on one host until it has succeeded, or until it is decided what becomes of its failure.
 *
 * @throws cancellations only
 */
export async function runOnHost(step: SshRunbookStep, host: string, run: HostRun): Promise<HostEnd> {
  for (let first = true; ; first = false) {
    try {
      return { state: 'succeeded', output: await actOnHost(step, host, run.given) };
    } catch (error) {
      if (isCancellation(error)) throw error;
      const decision = await decide(step, host, run, error);
      const failed = { state: 'failed', error, neverRan: first && neverRan(step, error) } as const;
      switch (decision) {
        case 'ran':
          return { state: 'succeeded', output: {} };
        case 'retry':
        case 'did-not-run':
          continue;
        case 'skip':
          return { ...failed, then: 'continue' };
        case 'compensate':
          return { ...failed, then: 'undo' };
        case 'stop':
          return { ...failed, then: 'stop' };
      }
    }
  }
}

async function decide(step: SshRunbookStep, host: string, run: HostRun, error: unknown): Promise<SshResolution> {
  // It failed as it was cancelled: there is nothing to go on with.
  if (CancellationScope.current().consideredCancelled) return 'compensate';
  const { type, message } = failureText(error);
  const onFailure = step.onFailure ?? run.onFailure;
  const question = { kind: 'decision', step: step.name, host, text: `${type}: ${message}` } as const;
  if (sshFailureOf(error)?.type === 'SshOutcomeUnknown') {
    const verified = await verifyOnHost(step, host, run.given);
    if (verified !== undefined) return verified;
    if (step.onUnknown === 'ask') return ask(run, { ...question, answers: AFTER_UNKNOWN });
  }
  switch (onFailure) {
    case 'ask':
      return ask(run, { ...question, answers: AFTER_FAILURE });
    case 'continue':
      return 'skip';
    case 'stop':
      return 'stop';
    case 'undo':
      return 'compensate';
  }
}

async function ask(run: HostRun, question: Omit<SshQuestion, 'since'>): Promise<SshResolution> {
  // A run that undoes takes no orders, and must not wait for one.
  if (UndoScope.isCurrent()) return 'compensate';
  // First the question: who is told of the wait looks at it, and hands it on to a parent.
  const answered = run.control.ask(question);
  run.onWaiting(true);
  try {
    const answer = await answered;
    return answer !== undefined && 'decision' in answer ? answer.decision : 'stop';
  } finally {
    run.onWaiting(false);
  }
}
