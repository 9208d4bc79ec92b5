import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SshDecision, SshFleetHost, SshProgress, SshQuestion, SshStepState } from '../../contract';
import { boundReport } from '../control/bound-report';
import { controlReport } from '../control/control-report';
import { listen } from '../control/listen';
import { renderProgress } from '../control/render-progress';
import { RunControl } from '../control/run-control';
import { failureText } from '../failure-text';
import { joinedText } from '../joined-text';
import { checkHost } from '../runbook/dry-run';
import { withGates } from '../runbook/with-gates';
import { UndoScope } from '../undo-scope';
import { fleetOrderSignal, fleetQuestionsSignal } from './fleet-batch-input';
import type { FleetBatchInput, FleetBatchResult, FleetOrder } from './fleet-batch-input';
import { emptyCounts } from './fleet-counts';
import { programsOfPlan } from './fleet-plan';
import { rollBackHost, runHost } from './host-run';
import type { FleetHostResult } from './host-run';

/**
 * Some hosts of a rollout or a maintenance, which start it as a child workflow. Not for callers; but a workflow file that
 * exports `sshRollout` or `sshMaintenance` must export it too.
 *
 * It does not fail because hosts do, nor when it is cancelled: what it has begun it undoes, and tells how that ended.
 */
export async function sshFleetBatch(input: FleetBatchInput): Promise<FleetBatchResult> {
  return new FleetBatch(input).execute();
}

class FleetBatch {
  readonly #control: RunControl;
  readonly #startedAt = new Date().toISOString();
  readonly #queue: string[];
  readonly #results: FleetHostResult[] = [];
  readonly #notBegun: string[] = [];
  readonly #working = new Map<string, { state: SshStepState; step?: string }>();
  #failures = 0;
  #unavailable: number;
  #over = false;
  #asked = '[]';
  /** What the whole fleet has handed on, and has on record itself. */
  readonly #ordered = new Set<SshDecision>();

  constructor(readonly input: FleetBatchInput) {
    const { paused, skippedHosts, hosts, unavailable } = input;
    this.#control = new RunControl({ paused, skippedHosts });
    this.#queue = [...hosts];
    this.#unavailable = unavailable;
    listen({
      control: this.#control,
      progress: () => boundReport(this.#progress()),
      canSkip: (host) => input.mode !== 'rollback' && this.#queue.includes(host),
      isOver: () => this.#over,
      onOrder: () => this.#changed(),
    });
    setHandler(fleetOrderSignal, (order: Partial<FleetOrder> | undefined) => {
      // Anybody can send a signal, and what a handler throws would keep the hosts where they are.
      if (typeof order?.input === 'object' && order.input !== null) this.#obey(order as FleetOrder);
    });
  }

  async execute(): Promise<FleetBatchResult> {
    let stopped: FleetBatchResult['stopped'];
    try {
      await this.#control.run(async () => {
        await this.#work();
        if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
      });
    } catch (error) {
      if (!isCancellation(error)) throw error;
      stopped = this.#control.abortion ? 'aborted' : 'cancelled';
    }
    this.#over = true;
    this.#changed();
    return {
      results: this.#results,
      notBegun: [...this.#notBegun, ...this.#queue],
      ...(stopped && { stopped }),
      decisions: this.#control.decisions.filter((each) => !this.#ordered.has(each)),
    };
  }

  /** Begins hosts as long as it may, and returns when those that were begun have ended. */
  async #work(): Promise<void> {
    const scope = CancellationScope.current();
    const running = new Set<Promise<void>>();
    for (;;) {
      while (this.#mayBegin(scope)) {
        if (this.#control.paused && this.input.mode !== 'rollback') {
          // A cancellation ends the wait, and is seen below.
          await this.#control.checkpoint().catch(() => undefined);
          continue;
        }
        const host = this.#queue.shift();
        if (host === undefined) break;
        const one: Promise<void> = this.#host(host).finally(() => running.delete(one));
        running.add(one);
      }
      if (running.size === 0) return;
      await Promise.race(running);
    }
  }

  #mayBegin(scope: CancellationScope): boolean {
    const { maxUnavailable, maxFailures, mode } = this.input;
    if (this.#queue.length === 0 || this.#working.size >= maxUnavailable) return false;
    // What is rolled back or only looked at goes on whatever fails.
    if (mode !== 'run') return !scope.consideredCancelled || mode === 'rollback';
    if (scope.consideredCancelled || this.#failures > maxFailures || this.#windowIsOver) return false;
    return this.#working.size + this.#unavailable < maxUnavailable;
  }

  get #windowIsOver(): boolean {
    const { notAfter } = this.input.plan;
    return notAfter !== undefined && Date.now() > notAfter;
  }

  async #host(host: string): Promise<void> {
    this.#working.set(host, { state: 'running' });
    this.#changed();
    const result = await this.#resultOf(host);
    this.#working.delete(host);
    // It waited for its gate until the window was over.
    if (result.state === 'skipped' && result.type === 'SshWindowClosed') this.#notBegun.push(host);
    else this.#results.push(result);
    if (result.state === 'failed' || result.state === 'undone') this.#failures += 1;
    if (!result.available) this.#unavailable += 1;
    this.#changed();
  }

  async #resultOf(host: string): Promise<FleetHostResult> {
    const { plan, mode } = this.input;
    // What was done before somebody left the host out is to be undone all the same.
    if (mode !== 'rollback' && this.#control.isSkipped(host)) {
      return { host, state: 'skipped', available: true, message: 'skipped by order' };
    }
    const options = {
      plan,
      control: this.#control,
      onStep: (step: string, state: 'running' | 'waiting' | 'undoing') => {
        this.#working.set(host, { step, state: state === 'undoing' ? 'running' : state });
        this.#changed();
      },
    };
    if (mode === 'check') {
      const { state, type, message } = await checkHost(host, programsOfPlan(plan), plan.given.defaults);
      return { host, state, available: true, ...(type && { type }), ...(message && { message }) };
    }
    let ended: FleetHostResult | undefined;
    const alone = async (): Promise<FleetHostResult> =>
      withGates(plan.gate ? [host] : [], `${plan.kind} ${plan.name}`, async () => {
        ended = await (mode === 'run' ? runHost : rollBackHost)(host, options);
        return ended;
      });
    try {
      return await (mode === 'rollback' ? new UndoScope().run(alone) : alone());
    } catch (error) {
      return withoutGate(host, error, ended);
    }
  }

  #obey(order: FleetOrder): void {
    const before = this.#control.decisions.at(-1);
    this.#apply(order);
    const last = this.#control.decisions.at(-1);
    if (last && last !== before) this.#ordered.add(last);
    this.#changed();
  }

  #apply(order: FleetOrder): void {
    switch (order.order) {
      case 'pause':
        return this.#control.pause(order.input);
      case 'resume':
        return this.#control.resume(order.input);
      case 'abort':
        return this.#control.abort(order.input);
      case 'skipHost':
        return this.#control.skipHost(order.input);
      case 'resolve':
        try {
          this.#control.resolve(order.input);
        } catch {
          // It was answered here meanwhile.
        }
    }
  }

  #changed(): void {
    setCurrentDetails(renderProgress(this.#progress(), workflowInfo().workflowId));
    const { parent } = workflowInfo();
    const questions: readonly SshQuestion[] = this.#control.questions;
    const asked = JSON.stringify(questions);
    if (!parent || asked === this.#asked) return;
    this.#asked = asked;
    void getExternalWorkflowHandle(parent.workflowId)
      .signal(fleetQuestionsSignal, questions)
      .catch(() => undefined);
  }

  #progress(): SshProgress {
    const { plan, hosts } = this.input;
    const counts = emptyCounts(hosts.length);
    for (const { state } of this.#results) counts[state] += 1;
    counts.running = this.#working.size;
    counts.pending = this.#queue.length + this.#notBegun.length;
    const working = [...this.#working].map(([host, at]): SshFleetHost => ({ host, ...at }));
    const ended = this.#results.filter(({ state }) => state !== 'succeeded');
    return {
      kind: plan.kind,
      name: plan.name,
      ...controlReport(this.#control, this.#over ? 'succeeded' : 'running'),
      startedAt: this.#startedAt,
      steps: [],
      counts,
      hosts: [...working, ...ended.map(({ available: _available, ...host }) => host)].slice(0, 200),
    };
  }
}

/** How a host ended whose gate did not come, or was lost: then it matters what was done, undone and restored by then. */
function withoutGate(host: string, error: unknown, ended: FleetHostResult | undefined): FleetHostResult {
  if (ended === undefined && isCancellation(error)) {
    return { host, state: 'skipped', available: true, message: 'the run was stopped before it came to this host' };
  }
  const { type, message } = failureText(error);
  if (ended === undefined) return { host, state: 'failed', available: true, type, message };
  if (ended.state === 'succeeded') return ended;
  const state = ended.state === 'skipped' ? 'failed' : ended.state;
  return { ...ended, state, type, message: joinedText([message, ended.message ?? '']) };
}
