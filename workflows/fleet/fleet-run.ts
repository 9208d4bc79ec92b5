import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  isCancellation,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import type { RunControl } from '../control/run-control';
import { requireGoingOn } from '../control/require-going-on';
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
// An hour in all.
const MOST_STARTS = 65;
const LONGEST_WAIT_MS = 60_000;

/** What a part of the hosts is run with. */
export type PartOptions = Pick<FleetBatchInput, 'mode' | 'maxUnavailable' | 'maxFailures'>;

/** Runs hosts in child workflows, one after the other, and hands on what people order. */
export class FleetRun {
  #child: ChildWorkflowHandle<typeof sshFleetBatch> | undefined;
  #hosts: readonly string[] = [];
  #starting = false;
  readonly #early: FleetOrder[] = [];

  constructor(
    readonly plan: FleetPlan,
    readonly state: FleetState,
    readonly control: RunControl,
    readonly onChange: () => void,
    /** How many child workflows there were before. */
    public children: number
  ) {
    setHandler(fleetQuestionsSignal, (questions: unknown) => {
      if (!Array.isArray(questions)) return;
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
    return this.#hosts.length;
  }

  /** Whether the child workflow has a host. */
  has(host: string): boolean {
    return this.#hosts.includes(host);
  }

  /** Hands an order on to the child workflow that runs. */
  order(order: FleetOrder): void {
    if (this.#starting) this.#early.push(order);
    // It may have ended meanwhile; then the order is of no use to it. Orders also go out after a cancellation.
    else
      void CancellationScope.nonCancellable(async () => this.#child?.signal(fleetOrderSignal, order)).catch(
        () => undefined
      );
  }

  /**
   * Runs some hosts, as many as {@link partSize} at most, and returns when all that were begun have ended.
   *
   * A cancellation stops it, and is thrown once what was begun is undone.
   */
  async part(hosts: readonly string[], options: PartOptions): Promise<FleetBatchResult> {
    const { mode, maxUnavailable, maxFailures } = options;
    const { plan, control, state } = this;
    const input: FleetBatchInput = {
      ...{ plan, hosts, mode, maxUnavailable, maxFailures },
      unavailable: mode === 'run' ? state.unavailable : 0,
      paused: mode === 'run' && control.paused,
      skippedHosts: hosts.filter((host) => control.isSkipped(host)),
    };
    const scope = CancellationScope.current();
    if (mode !== 'rollback') await requireGoingOn();
    this.children += 1;
    this.#hosts = hosts;
    this.#starting = true;
    try {
      const child = await this.#start(input);
      // Not cancelled with us: its result is what tells which hosts are undone.
      return await CancellationScope.nonCancellable(async () => {
        this.#child = child;
        this.#starting = false;
        for (const order of this.#early.splice(0)) this.order(order);
        this.onChange();
        const stop = (): void => {
          const { by, reason, undo } = control.abortion ?? { by: 'Temporal', reason: 'the workflow was cancelled' };
          this.order({ order: 'abort', input: { by, reason, undo: undo ?? true } });
        };
        if (mode !== 'rollback') void scope.cancelRequested.catch(stop);
        const result = await child.result();
        control.note(result.decisions);
        return result;
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return lostPart(hosts, error, this.#child !== undefined);
    } finally {
      this.#child = undefined;
      this.#hosts = [];
      this.#starting = false;
      this.#early.length = 0;
      control.relay([], () => undefined);
      this.onChange();
    }
  }
  /**
   * A run that was reset, or was terminated and is started again with its id, finds the child workflow of the one before: that undoes what
   * it has begun, and is waited for.
   */
  async #start(input: FleetBatchInput): Promise<ChildWorkflowHandle<typeof sshFleetBatch>> {
    const workflowId = `${workflowInfo().workflowId}.${this.children}`;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await CancellationScope.nonCancellable(() =>
          startChild<typeof sshFleetBatch>('sshFleetBatch', {
            args: [input],
            workflowId,
            parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
            staticSummary: `${input.mode} of ${input.hosts.length} hosts`,
          })
        );
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError) || attempt >= MOST_STARTS) throw error;
        await sleep(Math.min(1_000 * 2 ** attempt, LONGEST_WAIT_MS), { summary: `${workflowId} still runs` });
      }
    }
  }
}

/** The child workflow itself failed, or was terminated: what became of its hosts nobody knows. Or it was never there. */
function lostPart(hosts: readonly string[], error: unknown, begun: boolean): FleetBatchResult {
  const { type, message } = failureText(error);
  const text = begun
    ? `the workflow that had this host ended: ${message}`
    : `the workflow for this host could not be started: ${message}`;
  const results = hosts.map(
    (host) => ({ host, state: 'failed', available: !begun, type, message: text.slice(0, 500) }) as const
  );
  return { results, notBegun: [], decisions: [] };
}
