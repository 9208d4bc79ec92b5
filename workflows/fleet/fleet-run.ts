import {
  CancellationScope,
  ParentClosePolicy,
  isCancellation,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import type { RunControl } from '../control/run-control';
import { failureText } from '../failure-text';
import { fleetOrderSignal, fleetQuestionsSignal } from './fleet-batch-input';
import type { FleetBatchInput, FleetBatchResult, FleetOrder } from './fleet-batch-input';
import { allSteps } from './fleet-plan';
import type { FleetPlan } from './fleet-plan';
import type { FleetState } from './fleet-state';
import type { sshFleetBatch } from './ssh-fleet-batch';

// A batch's history stays far below the 10,000 events at which it becomes slow to replay.
const EVENTS_PER_BATCH = 5_000;
const EVENTS_PER_STEP = 6;
const EVENTS_PER_HOST = 20;
const MOST_HOSTS = 200;

/** What a part of the hosts is run with. */
export interface PartOptions extends Pick<FleetBatchInput, 'mode' | 'maxUnavailable' | 'maxFailures'> {
  /** What an abort does with what was begun. @default true */
  readonly undoWhenStopped?: boolean;
}

/** Runs hosts in child workflows, one after the other, and hands on what people order. */
export class FleetRun {
  #child: ChildWorkflowHandle<typeof sshFleetBatch> | undefined;
  #working = 0;

  constructor(
    readonly plan: FleetPlan,
    readonly state: FleetState,
    readonly control: RunControl,
    readonly onChange: () => void,
    /** How many child workflows there were before. */
    public children: number
  ) {
    setHandler(fleetQuestionsSignal, (questions) => {
      control.relay(questions, (input) => this.order({ order: 'resolve', input }));
      onChange();
    });
  }

  /** How many hosts one child workflow takes. */
  get partSize(): number {
    const perHost = allSteps(this.plan).length * EVENTS_PER_STEP + EVENTS_PER_HOST;
    return Math.max(1, Math.min(MOST_HOSTS, Math.floor(EVENTS_PER_BATCH / perHost)));
  }

  /** The child workflow that runs. */
  get childId(): string | undefined {
    return this.#child?.workflowId;
  }

  /** How many hosts the child workflow has. */
  get working(): number {
    return this.#working;
  }

  /** Hands an order on to the child workflow that runs. */
  order(order: FleetOrder): void {
    // It may have ended meanwhile; then the order is of no use to it.
    void this.#child?.signal(fleetOrderSignal, order).catch(() => undefined);
  }

  /**
   * Runs some hosts, as many as {@link partSize} at most, and returns when all that were begun have ended.
   *
   * A cancellation stops it, and is thrown once what was begun is undone.
   */
  async part(hosts: readonly string[], options: PartOptions): Promise<FleetBatchResult> {
    const { mode, maxUnavailable, maxFailures, undoWhenStopped = true } = options;
    const { plan, control, state } = this;
    const { workflowId } = workflowInfo();
    this.children += 1;
    const input: FleetBatchInput = {
      ...{ plan, hosts, mode, maxUnavailable, maxFailures },
      unavailable: mode === 'run' ? state.unavailable : 0,
      paused: mode === 'run' && control.paused,
      skippedHosts: hosts.filter((host) => control.isSkipped(host)),
    };
    const scope = CancellationScope.current();
    if (mode !== 'rollback' && scope.consideredCancelled) await scope.cancelRequested;
    try {
      // Not cancelled with us: its result is what tells which hosts are undone.
      return await CancellationScope.nonCancellable(async () => {
        const child = await startChild<typeof sshFleetBatch>('sshFleetBatch', {
          args: [input],
          workflowId: `${workflowId}.${this.children}`,
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          staticSummary: `${mode} of ${hosts.length} hosts`,
        });
        this.#child = child;
        this.#working = hosts.length;
        this.onChange();
        const stop = (): void => {
          const { by, reason, undo } = control.abortion ?? { by: 'Temporal', reason: 'the workflow was cancelled' };
          this.order({ order: 'abort', input: { by, reason, undo: undo ?? undoWhenStopped } });
        };
        if (mode !== 'rollback') void scope.cancelRequested.catch(stop);
        return child.result();
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return lostPart(hosts, error);
    } finally {
      this.#child = undefined;
      this.#working = 0;
      control.relay([], () => undefined);
      this.onChange();
    }
  }
}

/** The child workflow itself failed, or was terminated: what became of its hosts nobody knows. */
function lostPart(hosts: readonly string[], error: unknown): FleetBatchResult {
  const { type, message } = failureText(error);
  const text = `the workflow that had this host ended: ${message}`;
  const results = hosts.map((host) => ({ host, state: 'failed', available: false, type, message: text }) as const);
  return { results, notBegun: [], decisions: [] };
}
