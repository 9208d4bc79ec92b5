import { defineQuery, defineUpdate, isCancellation, setHandler } from '@temporalio/workflow';
import { kindOf, sshFailureOf, show } from '../contract';
import type { SshQuestion, SshResolution, SshResolveInput } from '../contract';
import { requireWhoAndWhy } from './control/who-and-why';
import { RunControl } from './control/run-control';
import { failureText } from './failure-text';

/** How a step whose outcome is not known is decided. */
export interface WhenUnknownOptions {
  /** What the question is called; answers name it. */
  readonly step: string;
  /**
   * Decides by itself, without asking: whether the step did its work. It must change nothing. `undefined` leaves it to
   * people.
   */
  readonly verify?: () => Promise<'ran' | 'did-not-run' | undefined>;
}

const ANSWERS: readonly SshResolution[] = ['ran', 'did-not-run', 'retry', 'compensate'];

const resolveUpdate = defineUpdate<void, [SshResolveInput]>('resolve');
const questionsQuery = defineQuery<readonly SshQuestion[]>('questions');

// A module of a workflow bundle is loaded once for each workflow execution.
let control: RunControl | undefined;

/**
 * Runs a step; where its outcome is not known (`SshOutcomeUnknown`: the command may have run, and must not be sent again), the workflow
 * waits until `verify` or somebody tells.
 *
 * People see what waits by the query `questions`, and answer by the update `resolve` with `{ by, reason, decision, step }`: `ran` goes on,
 * `did-not-run` and `retry` run the step again, `compensate` lets the failure through, for `compensating` to undo. A workflow that uses
 * it must have no update `resolve` and no query `questions` of its own.
 *
 * @returns what the step returned, or `undefined` for one that ran and whose result nobody has
 * @throws what the step threw, for any other failure and after `compensate`
 */
export async function whenUnknown<T>(
  step: () => Promise<T>,
  { step: name, verify }: WhenUnknownOptions
): Promise<T | undefined> {
  const asking = (control ??= listening());
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (isCancellation(error) || sshFailureOf(error)?.type !== 'SshOutcomeUnknown') throw error;
      const verified = await verify?.();
      if (verified === 'ran') return undefined;
      if (verified === 'did-not-run') continue;
      const { type, message } = failureText(error);
      const text = `${type}: ${message}`;
      const answer = await asking.ask({ kind: 'decision', step: name, text, answers: ANSWERS });
      const decision = answer && 'decision' in answer ? answer.decision : 'compensate';
      if (decision === 'ran') return undefined;
      if (decision === 'compensate') throw error;
    }
  }
}

function listening(): RunControl {
  const made = new RunControl();
  setHandler(questionsQuery, () => made.questions, { description: 'What the workflow waits for.' });
  setHandler(resolveUpdate, (input) => made.resolve(input), {
    description: 'Decides about a step whose outcome is not known.',
    validator: (input: SshResolveInput) => {
      requireWhoAndWhy(input);
      if (input.step !== undefined && typeof input.step !== 'string') {
        throw new Error(`step: expected a string, found ${kindOf(input.step)}`);
      }
      const { answers } = made.requireQuestion('decision', input);
      if (answers.includes(input.decision)) return;
      throw new Error(`decision: expected one of ${answers.join(', ')}, found ${show(input.decision)}`);
    },
  });
  return made;
}
