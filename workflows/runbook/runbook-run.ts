import { isCancellation, workflowInfo } from '@temporalio/workflow';
import { MAX_RESULT_BYTES, utf8Bytes } from '../../contract';
import type { SshApproveStep, SshRunbook, SshRunbookStep, SshRunbookUndo, SshSleepStep } from '../../contract';
import type { CarriedControl, RunControl } from '../control/run-control';
import { requireGoingOn } from '../control/require-going-on';
import { failureText } from '../failure-text';
import { UndoStack } from '../undo-stack';
import { atOnce } from './at-once';
import { unmetCondition } from './condition';
import { exitCodeOf } from './exit-code-of';
import { runOnHost } from './run-on-host';
import { sleepStep } from './sleep-step';
import { StepFailed } from './step-failed';
import { undoOnHost } from './step-action';
import type { StepDefaults } from './step-action';
import { stderrTailOf } from './stderr-tail';
import { newRecord, setHost, tailOf } from './step-record';
import type { StepRecord } from './step-record';

/** What the run after a continue-as-new goes on from. */
export interface CarriedRun {
  readonly startedAt: string;
  readonly next: number;
  readonly records: readonly StepRecord[];
  /** Steps that are to be undone, in the order of registration. */
  readonly undo: readonly { readonly name: string; readonly host: string }[];
  readonly control: CarriedControl;
  readonly hosts: readonly (readonly string[])[];
}

const DEFAULT_AT_ONCE = 10;

/** The steps of a runbook, one after the other. */
export class RunbookRun {
  readonly records: StepRecord[];
  readonly stack = new UndoStack();
  #next: number;

  /** @param hosts - of each step, by its index */
  constructor(
    readonly runbook: SshRunbook,
    readonly hosts: readonly (readonly string[])[],
    readonly control: RunControl,
    readonly onChange: () => void,
    carried?: CarriedRun
  ) {
    this.records = carried ? carried.records.map((record) => ({ ...record })) : runbook.steps.map(newRecord);
    this.#next = carried?.next ?? 0;
    for (const { name, host } of carried?.undo ?? []) {
      const undo = runbook.steps.find((step) => step.name === name)?.undo;
      if (undo) this.#pushUndo(name, host, undo);
    }
  }

  get #given(): StepDefaults {
    const { env, defaults } = this.runbook;
    return { ...(env && { env }), ...(defaults && { defaults }) };
  }

  carry(startedAt: string): CarriedRun {
    const { hosts, control } = this;
    // The runbook goes with it, and knows the commands.
    const undo = this.stack.carry().map(({ name, host }) => ({ name, host }));
    return { startedAt, next: this.#next, records: this.#carriedRecords(), undo, control: control.carry(), hosts };
  }

  /** Without outputs that no step looks at any more. */
  #carriedRecords(): readonly StepRecord[] {
    const looked = this.runbook.steps.slice(this.#next).map(({ when }) => when);
    return this.records.map((record) => {
      const needs = looked.filter((when) => when?.step === record.name);
      const hosts = record.hosts.map(({ stdout, stderr, ...host }) => ({
        ...host,
        ...(stdout !== undefined && needs.some((when) => when?.stdout) && { stdout }),
        ...(stderr !== undefined && needs.some((when) => when?.stderr) && { stderr }),
      }));
      return { ...record, hosts };
    });
  }

  /** Temporal ends a workflow that hands on more, and nothing would be undone. */
  get #canBeCarried(): boolean {
    return utf8Bytes(JSON.stringify(this.carry(''))) <= MAX_RESULT_BYTES;
  }

  /**
   * Runs what is left.
   *
   * @returns whether it is done; false when the rest is for a run of its own
   * @throws {@link StepFailed}, or the cancellation
   */
  async run(): Promise<boolean> {
    for (let index = this.#next; index < this.runbook.steps.length; index += 1) {
      await this.control.checkpoint();
      const [step, record] = [this.runbook.steps[index], this.records[index]];
      if (step === undefined || record === undefined) break;
      await this.#runStep(step, record, this.hosts[index] ?? []);
      this.#next = index + 1;
      await requireGoingOn();
      const last = this.#next === this.runbook.steps.length;
      if (!last && workflowInfo().continueAsNewSuggested && this.#canBeCarried) return false;
    }
    return true;
  }

  /** Notes that what a step did on a host is undone. */
  markUndone(name: string): void {
    for (const record of this.records) {
      const host = record.hosts.find((each) => `${record.name} on ${each.host}` === name);
      if (host === undefined) continue;
      setHost(record, { ...host, state: 'undone' });
      if (record.hosts.every(({ state }) => state === 'undone' || state === 'skipped')) record.state = 'undone';
    }
  }

  async #runStep(step: SshRunbookStep, record: StepRecord, hosts: readonly string[]): Promise<void> {
    record.startedAt = new Date().toISOString();
    record.state = 'running';
    this.onChange();
    try {
      if ('sleep' in step || 'approve' in step) await this.#runAlone(step, record);
      else await this.#runOnHosts(step, record, hosts);
    } catch (error) {
      record.state = 'failed';
      if (record.message === undefined && !isCancellation(error)) record.message = failureText(error).message;
      throw error;
    } finally {
      record.endedAt = new Date().toISOString();
      this.onChange();
    }
  }

  async #runAlone(step: SshSleepStep | SshApproveStep, record: StepRecord): Promise<void> {
    const unmet = unmetCondition(step.when, undefined, this.records);
    if (unmet !== undefined) {
      record.state = 'skipped';
      record.message = unmet;
      return;
    }
    if ('sleep' in step) {
      await sleepStep(step);
      record.state = 'succeeded';
      return;
    }
    record.state = 'waiting';
    const question = { kind: 'approval', step: step.name, text: step.approve, answers: ['approve', 'refuse'] } as const;
    const answered = this.control.ask(question, step.deadline);
    // Whoever is told of the wait is shown the question.
    this.onChange();
    const answer = await answered;
    if (answer !== undefined && 'approved' in answer && answer.approved) {
      record.state = 'succeeded';
      record.message = `approved by ${answer.by}: ${answer.reason}`;
      return;
    }
    record.message = answer === undefined ? 'nobody answered in time' : `refused by ${answer.by}: ${answer.reason}`;
    const onFailure = step.onFailure ?? this.runbook.onFailure ?? 'undo';
    record.state = 'failed';
    if (onFailure === 'continue') return;
    throw StepFailed.create(step.name, undefined, new Error(record.message), onFailure === 'stop' ? 'stop' : 'undo');
  }

  async #runOnHosts(step: SshRunbookStep, record: StepRecord, hosts: readonly string[]): Promise<void> {
    const failed: StepFailed[] = [];
    const observed = this.runbook.steps.some(({ when }) => when?.step === step.name);
    // Those of a step that was cut off by a continue-as-new do not exist: it happens between steps only.
    const mayGoOn = async (stopped: () => boolean): Promise<void> => this.control.checkpoint(stopped);
    const onHost = async (host: string): Promise<'go on' | 'stop'> => {
      const unmet = this.control.isSkipped(host)
        ? 'the host is skipped'
        : unmetCondition(step.when, host, this.records);
      if (unmet !== undefined) {
        setHost(record, { host, state: 'skipped', message: unmet });
        return 'go on';
      }
      setHost(record, { host, state: 'running' });
      this.onChange();
      if (step.undo) this.#pushUndo(step.name, host, step.undo);
      const end = await runOnHost(step, host, {
        control: this.control,
        given: this.#given,
        onFailure: this.runbook.onFailure ?? 'undo',
        onWaiting: (waiting) => {
          setHost(record, { host, state: waiting ? 'waiting' : 'running' });
          this.onChange();
        },
      });
      if (end.state === 'failed') {
        const text = failureText(end.error);
        const [exitCode, stderrTail] = [exitCodeOf(end.error), stderrTailOf(end.error)];
        setHost(record, {
          host,
          state: 'failed',
          ...text,
          ...(exitCode !== undefined && { exitCode }),
          ...(stderrTail !== undefined && { stderrTail }),
        });
        if (end.neverRan) this.stack.drop(`${step.name} on ${host}`);
        if (end.then !== 'continue') failed.push(StepFailed.create(step.name, host, end.error, end.then));
        return end.then === 'continue' ? 'go on' : 'stop';
      }
      const { exitCode, stdout, stderr } = end.output;
      const tails = { stdout: tailOf(stdout), stderr: tailOf(stderr) };
      const kept = observed ? Object.entries(tails).filter(([, text]) => text !== undefined) : [];
      setHost(record, {
        host,
        state: 'succeeded',
        ...(exitCode !== undefined && { exitCode }),
        ...Object.fromEntries(kept),
      });
      this.onChange();
      return 'go on';
    };
    await atOnce(step.atOnce ?? DEFAULT_AT_ONCE, hosts, onHost, mayGoOn);
    // One that says to stop weighs more: whoever decided that has seen the host.
    const [first = undefined] = [...failed.filter(({ then }) => then === 'stop'), ...failed];
    if (first) throw first;
    const states = new Set(record.hosts.map(({ state }) => state));
    record.state = states.has('failed') ? 'failed' : states.has('succeeded') ? 'succeeded' : 'skipped';
  }

  #pushUndo(step: string, host: string, undo: SshRunbookUndo): void {
    const { exec: command, ...options } = undo;
    this.stack.push({
      name: `${step} on ${host}`,
      run: () => undoOnHost(undo, step, host, this.#given),
      options: {},
      step: { name: step, host, command, options },
    });
  }
}
