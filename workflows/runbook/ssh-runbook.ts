import { ContinueAsNew, continueAsNew, isCancellation, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { runbookOptionProblems, runbookProblems } from '../../contract';
import type { SshProgress, SshRunState, SshRunbook, SshRunbookOptions } from '../../contract';
import { boundReport } from '../control/bound-report';
import { controlReport } from '../control/control-report';
import { endRun } from '../control/end-run';
import { listen } from '../control/listen';
import { renderProgress } from '../control/render-progress';
import { RunControl } from '../control/run-control';
import { gateLostOr } from '../gate/gate-lease';
import { failureText } from '../failure-text';
import { UndoStack } from '../undo-stack';
import { invalidOptions } from '../invalid-options';
import { dryRun, notReady } from './dry-run';
import { withGates } from './with-gates';
import { RunbookRun } from './runbook-run';
import type { CarriedRun } from './runbook-run';
import { selectHosts } from './select-hosts';
import { StepFailed } from './step-failed';
import { newRecord, reportOf, setHost } from './step-record';
import type { StepRecord } from './step-record';

/**
 * The ready-made workflow `sshRunbook`: steps on hosts, one after the other, each with its undo.
 *
 * The whole runbook is checked before the first step. Where a step fails, what was done is undone, last first, unless
 * `onFailure` says otherwise. People see it by the query `progress`, and take a hand in it by the updates `pause`, `resume`, `approve`, `abort`,
 * `skipHost` and `resolve`.
 *
 * @param carried - of the run before; not for callers
 * @returns the report
 * @throws `ApplicationFailure` of type `SshInvalidOptions` for a runbook that is none, before anything is done; `SshCompensated` and
 * `SshCompensationFailed`, whose details are a {@link SshCompensationOutcome} and the report; `SshRunFailed`, whose `details[0]` is the report.
 */
export async function sshRunbook(
  runbook: SshRunbook,
  options: SshRunbookOptions = {},
  carried?: CarriedRun
): Promise<SshProgress> {
  const problems = [...runbookProblems(runbook), ...runbookOptionProblems(options)];
  if (problems.length > 0) throw invalidOptions('sshRunbook', '', problems);
  return new Runbook(runbook, options, carried).execute();
}

class Runbook {
  readonly #control: RunControl;
  readonly #startedAt: string;
  #state: SshRunState = 'running';
  #endedAt: string | undefined;
  #failure: SshProgress['failure'];
  #run: RunbookRun | undefined;
  #check: StepRecord | undefined;
  #thrown: unknown;

  constructor(
    readonly runbook: SshRunbook,
    readonly options: SshRunbookOptions,
    readonly carried: CarriedRun | undefined
  ) {
    this.#control = new RunControl(carried?.control);
    this.#startedAt = carried?.startedAt ?? new Date().toISOString();
    // Before anything else: what was done is to be undone whatever keeps this run from going on.
    if (carried) this.#run = this.#newRun(carried.hosts);
    listen({
      control: this.#control,
      progress: () => boundReport(this.#progress()),
      canSkip: (host) => this.#run?.hosts.some((hosts) => hosts.includes(host)) ?? false,
      isOver: () => this.#state === 'undoing' || this.#endedAt !== undefined,
      onOrder: () => this.#changed(),
    });
  }

  async execute(): Promise<SshProgress> {
    try {
      return await this.#control.run(async () => {
        const hosts = this.carried?.hosts ?? (await selectHosts(this.runbook));
        if (this.options.dryRun) return this.#dryRun(hosts);
        const names = this.options.gate === false ? [] : [...new Set(hosts.flat())];
        return withGates(names, `runbook ${this.runbook.name}`, () => this.#runSteps(hosts));
      });
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  async #runSteps(hosts: readonly (readonly string[])[]): Promise<SshProgress> {
    const run = (this.#run ??= this.#newRun(hosts));
    try {
      if (await run.run()) return this.#end('succeeded');
    } catch (error) {
      // With the gates still held: what undoes is as much alone on its hosts as what was done.
      throw (this.#thrown = await this.#fail(gateLostOr(error)));
    }
    return continueAsNew<typeof sshRunbook>(this.runbook, this.options, run.carry(this.#startedAt));
  }

  #newRun(hosts: readonly (readonly string[])[]): RunbookRun {
    return new RunbookRun(this.runbook, hosts, this.#control, () => this.#changed(), this.carried);
  }

  async #dryRun(hosts: readonly (readonly string[])[]): Promise<SshProgress> {
    const record: StepRecord = { name: 'check', kind: 'reachable', state: 'running', hosts: [] };
    this.#check = record;
    await dryRun(this.runbook, hosts, (host) => {
      setHost(record, host);
      this.#changed();
    });
    const failed = record.hosts.filter(({ state }) => state === 'failed');
    record.state = failed.length === 0 ? 'succeeded' : 'failed';
    if (failed.length === 0) return this.#end('succeeded');
    throw notReady(
      failed.map(({ host }) => host),
      record.hosts.length
    );
  }

  async #fail(thrown: unknown): Promise<unknown> {
    if (thrown instanceof ContinueAsNew) return thrown;
    // A gate that was lost meanwhile would hide what is undone and what is not.
    if (this.#endedAt !== undefined) return this.#thrown ?? thrown;
    const error = this.#control.explain(thrown);
    this.#failure = isCancellation(error) ? undefined : failureText(StepFailed.cause(error));
    // Found before anything was done, as what is wrong with the runbook itself.
    if (this.#run === undefined && this.#failure?.type === 'SshInvalidOptions') {
      this.#end('failed');
      return error;
    }
    this.#state = 'undoing';
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    return endRun(error, {
      what: `runbook ${this.runbook.name}`,
      dryRun: this.options.dryRun ?? false,
      control: this.#control,
      stack: this.#run?.stack ?? new UndoStack(),
      report: () => this.#end(state),
      onUndoing: (name, undone) => {
        if (undone) this.#run?.markUndone(name);
        this.#changed();
      },
    });
  }

  #end(state: SshRunState): SshProgress {
    this.#state = state;
    this.#endedAt = new Date().toISOString();
    this.#changed();
    return boundReport(this.#progress());
  }

  #changed(): void {
    setCurrentDetails(renderProgress(this.#progress(), workflowInfo().workflowId));
  }

  #progress(): SshProgress {
    const { name, onFailure } = this.runbook;
    const records = this.#check ? [this.#check] : (this.#run?.records ?? this.runbook.steps.map(newRecord));
    return {
      kind: 'runbook',
      name,
      ...controlReport(this.#control, this.#state),
      startedAt: this.#startedAt,
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
      ...(this.options.dryRun && { dryRun: true }),
      ...(onFailure && { onFailure }),
      steps: records.map(reportOf),
      ...(this.#failure && { failure: this.#failure }),
    };
  }
}
