import { ApplicationFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import type { SshRunbookStep } from '../../contract';
import type { RunControl } from '../control/run-control';
import { failureText } from '../failure-text';
import { unmetCondition } from '../runbook/condition';
import { exitCodeOf } from '../runbook/exit-code-of';
import { runOnHost } from '../runbook/run-on-host';
import { sleepStep } from '../runbook/sleep-step';
import { undoOnHost } from '../runbook/step-action';
import { StepFailed } from '../runbook/step-failed';
import { newRecord, setHost, tailOf } from '../runbook/step-record';
import type { StepRecord } from '../runbook/step-record';
import { UndoStack } from '../undo-stack';
import type { FleetPlan } from './fleet-plan';

/** What the steps of a host are run with. */
export interface HostStepsOptions {
  readonly plan: FleetPlan;
  readonly host: string;
  readonly control: RunControl;
  /** Is told which step runs, or waits for somebody. */
  readonly onStep: (step: string, state: 'running' | 'waiting') => void;
}

/** Steps one after the other on one host. */
export class HostSteps {
  readonly stack = new UndoStack();
  readonly #records: StepRecord[] = [];
  /** Why steps were left out whose condition looks at a step that was never come to. */
  readonly unseen: string[] = [];
  /** Whether a step may have done something. */
  touched = false;
  /** The step that runs, or ran last. */
  current: string | undefined;

  constructor(readonly options: HostStepsOptions) {}

  /** @throws {@link StepFailed}, or the cancellation */
  async run(steps: readonly SshRunbookStep[], { always = false } = {}): Promise<void> {
    const { control, plan } = this.options;
    for (const step of steps) {
      if (!always) {
        await control.checkpoint();
        if (plan.notAfter !== undefined && Date.now() > plan.notAfter) {
          const over = ApplicationFailure.nonRetryable('the window is over', 'SshWindowClosed');
          throw StepFailed.create(step.name, this.options.host, over, 'undo');
        }
      }
      await this.#runStep(step);
    }
  }

  async #runStep(step: SshRunbookStep): Promise<void> {
    const { plan, host, control, onStep } = this.options;
    const record = newRecord(step);
    const unmet = unmetCondition(step.when, host, this.#records);
    if (step.when && !this.#records.some(({ name }) => name === step.when?.step)) {
      this.unseen.push(`${step.name} was left out: ${unmet}`);
    }
    this.#records.push(record);
    if (unmet !== undefined) {
      record.state = 'skipped';
      setHost(record, { host, state: 'skipped', message: unmet });
      return;
    }
    this.current = step.name;
    onStep(step.name, 'running');
    if ('sleep' in step) {
      await sleepStep(step);
      record.state = 'succeeded';
      return;
    }
    if (step.undo) {
      const { undo } = step;
      this.stack.push({ name: step.name, run: () => undoOnHost(undo, step.name, host, plan.given), options: {} });
    }
    const touchedBefore = this.touched;
    this.touched = true;
    const end = await runOnHost(step, host, {
      control,
      given: plan.given,
      onFailure: plan.onFailure,
      onWaiting: (waiting) => onStep(step.name, waiting ? 'waiting' : 'running'),
    });
    record.state = end.state;
    if (end.state === 'failed') {
      if (end.neverRan) {
        this.stack.drop(step.name);
        this.touched = touchedBefore;
      }
      const failedWith = exitCodeOf(end.error);
      const found = failedWith === undefined ? {} : { exitCode: failedWith };
      setHost(record, { host, state: 'failed', ...failureText(end.error), ...found });
      if (end.then !== 'continue') throw StepFailed.create(step.name, host, end.error, end.then);
      return;
    }
    const { exitCode, stdout, stderr } = end.output;
    const kept = { exitCode, stdout: tailOf(stdout), stderr: tailOf(stderr) };
    setHost(record, {
      host,
      state: 'succeeded',
      ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as object),
    });
  }
}

/** What is told of a host whose steps have ended by something else than a failed step. */
export function endText(error: unknown): { readonly type: string; readonly message: string } {
  if (isCancellation(error)) return { type: 'CancelledFailure', message: 'the run was cancelled or aborted' };
  return failureText(StepFailed.cause(error));
}
