import { ApplicationFailure } from '@temporalio/common';
import { ContinueAsNew, isCancellation, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { SshProgress, SshRunState } from '../../contract';
import { boundReport } from '../control/bound-report';
import { listen } from '../control/listen';
import { renderProgress } from '../control/render-progress';
import { RunControl } from '../control/run-control';
import { requireGoingOn } from '../control/require-going-on';
import { failureText } from '../failure-text';
import { notReady } from '../runbook/dry-run';
import { StepFailed } from '../runbook/step-failed';
import { budgetFailure, noHostFailure } from './budget-failure';
import { endFleet } from './end-fleet';
import type { FleetBatchResult } from './fleet-batch-input';
import type { FleetPlan } from './fleet-plan';
import { fleetProgress } from './fleet-progress';
import type { CarriedFleetRun, FleetPolicy } from './fleet-policy';
import { FleetRun } from './fleet-run';
import type { PartOptions } from './fleet-run';
import { FleetState } from './fleet-state';
import { FleetWaits } from './fleet-waits';

// Temporal suggests to continue as new at 4,096 events; this is for servers that say so later.
const MOST_EVENTS = 8_000;

/** A rollout or a maintenance: all its hosts, batch by batch. */
export class FleetWorkflow {
  readonly #control: RunControl;
  readonly #state: FleetState;
  readonly #fleet: FleetRun;
  readonly #waits: FleetWaits;
  readonly #startedAt: string;
  readonly #left: string[][];
  #budget: number;
  #canaryMayFail: number | undefined;
  #begun: boolean;
  #now: SshRunState = 'running';
  #endedAt: string | undefined;
  #failure: SshProgress['failure'];

  /** @param again - continues as new */
  constructor(
    readonly plan: FleetPlan,
    readonly policy: FleetPolicy,
    readonly again: (carried: CarriedFleetRun) => Promise<never>,
    carried?: CarriedFleetRun
  ) {
    this.#control = new RunControl(carried?.control);
    this.#startedAt = carried?.startedAt ?? new Date().toISOString();
    this.#state = new FleetState(policy.batches.flat().length, carried?.state);
    this.#left = (carried?.left ?? policy.batches).map((batch) => [...batch]);
    this.#begun = carried?.begun ?? false;
    this.#budget = policy.maxFailures;
    this.#canaryMayFail = policy.canaryMayFail;
    const changed = (): void => this.#changed();
    this.#fleet = new FleetRun(plan, this.#state, this.#control, changed, carried?.children ?? 0);
    this.#waits = new FleetWaits(this.#control, changed);
    listen({
      control: this.#control,
      progress: () => boundReport(this.#progress()),
      canSkip: (host) => this.#fleet.has(host) || this.#left.some((batch) => batch.includes(host)),
      isOver: () => this.#now === 'undoing' || this.#endedAt !== undefined,
      onOrder: (order) => {
        this.#fleet.order(order);
        changed();
      },
    });
  }

  async execute(): Promise<SshProgress> {
    this.#changed();
    try {
      await this.#control.run(() => (this.policy.dryRun ? this.#check() : this.#forward()));
      return this.#end('succeeded');
    } catch (thrown) {
      if (thrown instanceof ContinueAsNew) throw thrown;
      throw await this.#fail(this.#control.explain(thrown));
    }
  }

  async #forward(): Promise<void> {
    const { notBefore = 0, batches } = this.policy;
    if (notBefore > Date.now()) await this.#waits.sleep('window', notBefore - Date.now());
    while (this.#left.length > 0) {
      const [batch = []] = this.#left;
      if (!this.#begun && this.#left.length < batches.length) await this.#between(batches.length - this.#left.length);
      this.#begun = true;
      while (batch.length > 0) {
        await this.#control.checkpoint();
        this.#requireWindow();
        await this.#runPart(batch);
        if (this.#state.failed.length > this.#mayFail) await this.#exceeded(batch);
        const { continueAsNewSuggested, historyLength } = workflowInfo();
        if (continueAsNewSuggested || historyLength > MOST_EVENTS) await this.again(this.#carry());
      }
      this.#left.shift();
      this.#begun = false;
    }
    const { total, succeeded } = this.#state;
    if (total === 0 || succeeded.length > 0) return;
    const then = this.policy.onBudgetExceeded === 'stop' ? 'stop' : 'undo';
    throw StepFailed.create('failure budget', undefined, noHostFailure(this.#state), then);
  }

  /** A canary is there to stop the rest, whatever number of hosts may fail. */
  get #mayFail(): number {
    const inCanary = this.#left.length === this.policy.batches.length;
    return inCanary ? Math.min(this.#canaryMayFail ?? this.#budget, this.#budget) : this.#budget;
  }

  async #runPart(batch: string[]): Promise<void> {
    const part = batch.splice(0, this.#fleet.partSize);
    const ended = await this.#fleet.part(part, { mode: 'run', ...this.#limits() });
    batch.unshift(...ended.notBegun);
    this.#state.add(ended.results);
    this.#changed();
    await this.#requireNotStopped(ended);
  }

  /** Throws what stopped the whole, or the child workflow alone. */
  async #requireNotStopped({ stopped, decisions }: FleetBatchResult): Promise<void> {
    await requireGoingOn();
    if (stopped === undefined) return;
    const text = `the child workflow that had some of its hosts was ${stopped}`;
    const failure = ApplicationFailure.nonRetryable(text, 'SshRunAborted');
    const stays = decisions.some(({ update, decision }) => update === 'abort' && decision === 'stop');
    throw StepFailed.create('child workflow', undefined, failure, stays ? 'stop' : 'undo');
  }

  #limits(): Pick<PartOptions, 'maxUnavailable' | 'maxFailures'> {
    // One host at least may be worked on, or nothing would ever go on.
    const maxUnavailable = Math.max(this.policy.maxUnavailable, this.#state.unavailable + 1);
    return { maxUnavailable, maxFailures: Math.max(0, this.#mayFail - this.#state.failed.length) };
  }

  /** Before a batch that is not the first. */
  async #between(done: number): Promise<void> {
    const { approveCanary, pause } = this.policy;
    if (approveCanary && done === 1) {
      const text = `The canary is done: ${this.#state.succeeded.join(', ')}. Go on with the rest?`;
      const answer = await this.#waits.ask({ kind: 'approval', step: 'canary', text, answers: ['approve', 'refuse'] });
      if (answer === undefined || !('approved' in answer) || !answer.approved) {
        const why = answer ? `${answer.by} refused it: ${answer.reason}` : 'nobody answered';
        throw StepFailed.create('canary', undefined, new Error(why), this.policy.rollback ? 'undo' : 'stop');
      }
    }
    if (pause !== undefined) await this.#waits.sleep('pause', pause);
  }

  #requireWindow(): void {
    const { notAfter } = this.plan;
    if (notAfter === undefined || Date.now() <= notAfter) return;
    const left = this.#left.flat();
    const message = `The window was over at ${new Date(notAfter).toISOString()}; ${left.length} hosts were not touched: ${left.slice(0, 20).join(', ')}`;
    throw ApplicationFailure.nonRetryable(message, 'SshWindowClosed');
  }

  async #exceeded(batch: string[]): Promise<void> {
    const { failed } = this.#state;
    const failure = budgetFailure(this.#state, this.#mayFail, this.#mayFail < this.#budget);
    const step = 'failure budget';
    const { onBudgetExceeded } = this.policy;
    if (onBudgetExceeded !== 'ask') {
      throw StepFailed.create(step, undefined, failure, onBudgetExceeded === 'stop' ? 'stop' : 'undo');
    }
    const answers = ['retry', 'skip', 'compensate', 'stop'];
    const answer = await this.#waits.ask({ kind: 'decision', step, text: failure.message, answers });
    const decision = answer && 'decision' in answer ? answer.decision : 'stop';
    if (decision === 'retry') {
      const again = failed.map(({ host }) => host);
      this.#state.forget(again);
      batch.unshift(...again);
    } else if (decision === 'skip') {
      this.#budget = Math.max(this.#budget, failed.length);
      if (this.#canaryMayFail !== undefined) this.#canaryMayFail = failed.length;
    } else throw StepFailed.create(step, undefined, failure, decision === 'stop' ? 'stop' : 'undo');
  }

  async #check(): Promise<void> {
    const hosts = this.policy.batches.flat();
    for (let at = 0; at < hosts.length; at += this.#fleet.partSize) {
      const part = hosts.slice(at, at + this.#fleet.partSize);
      const options = { mode: 'check', maxUnavailable: 20, maxFailures: part.length } as const;
      const ended = await this.#fleet.part(part, options);
      this.#state.add(ended.results);
      await this.#requireNotStopped(ended);
    }
    this.#left.length = 0;
    const { failed } = this.#state;
    if (failed.length === 0) return;
    const names = failed.map(({ host }) => host);
    throw StepFailed.create('check', undefined, notReady(names, hosts.length), 'stop');
  }

  async #fail(error: unknown): Promise<unknown> {
    if (!isCancellation(error)) this.#failure = failureText(StepFailed.cause(error));
    this.#now = 'undoing';
    this.#changed();
    const { policy, plan } = this;
    return endFleet(error, {
      ...{ plan, policy, state: this.#state, fleet: this.#fleet, control: this.#control },
      onChange: () => this.#changed(),
      report: () => this.#end(isCancellation(error) ? 'cancelled' : 'failed'),
    });
  }

  #carry(): CarriedFleetRun {
    return {
      startedAt: this.#startedAt,
      policy: {
        ...this.policy,
        maxFailures: this.#budget,
        ...(this.#canaryMayFail !== undefined && { canaryMayFail: this.#canaryMayFail }),
      },
      left: this.#left,
      begun: this.#begun,
      children: this.#fleet.children,
      state: this.#state.carry(),
      control: this.#control.carry(),
    };
  }

  #end(state: SshRunState): SshProgress {
    this.#now = state;
    this.#endedAt = new Date().toISOString();
    this.#changed();
    return boundReport(this.#progress());
  }

  #changed(): void {
    setCurrentDetails(renderProgress(this.#progress(), workflowInfo().workflowId));
  }

  #progress(): SshProgress {
    const { plan, policy } = this;
    return fleetProgress({
      ...{ plan, policy, state: this.#state, control: this.#control, fleet: this.#fleet, waits: this.#waits },
      ...{ now: this.#now, startedAt: this.#startedAt, batchesLeft: this.#left.length },
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
      ...(this.#failure && { failure: this.#failure }),
    });
  }
}
