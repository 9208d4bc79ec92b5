import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  scheduleActivity,
  workflowInfo,
} from '@temporalio/workflow';
import { parseDuration, sshGateWorkflowId } from '../../contract';
import type { SshGateHolder, SshGateMode, SshGateOptions, SshGateRequest, SshGateRequestInput } from '../../contract';
import { gateRenewSignal } from './gate-signals';
import { forgetGate, giveBack, hearGates, nextGateRequestId } from './hear-gates';
import type { GateListener } from './hear-gates';

const MAX_HOLD_MS = 24 * 60 * 60_000;
const GRACE_MS = 60_000;
const CHECK_MS = 60_000;

/** What the block of `withHost` holds. */
export interface SshHostLease {
  readonly name: string;
  readonly requestId: string;
  readonly mode: SshGateMode;
  /** ISO 8601, of the gate's clock. */
  readonly expiresAt: string;
  /**
   * Keeps the lease for another `maxHold` from now on. Resolves when the gate was told, not when it agreed: a lease that is lost
   * cancels the block, as ever.
   */
  renew(): Promise<void>;
}

/** The scopes of blocks that hold a lease: how a block inside of another is told from one beside it. */
const scopes = new Map<CancellationScope, GateLease>();

/** One lease as its holder's workflow sees it, from the request to the release. */
export class GateLease implements GateListener {
  readonly requestId: string;
  readonly mode: SshGateMode;
  readonly keep: boolean;
  /** Why the lease is lost, or was never granted. */
  lost: string | undefined;
  #running: CancellationScope | undefined;
  readonly #askedAt = Date.now();
  #expiresAt: string | undefined;
  #users = 0;
  #heard = false;

  constructor(
    readonly name: string,
    private readonly options: SshGateOptions
  ) {
    this.mode = options.mode ?? 'exclusive';
    this.keep = options.keepOnContinueAsNew ?? false;
    this.requestId = nextGateRequestId(name, this.keep);
  }

  /** The lease under which the caller runs already, if there is one. */
  static around(name: string): GateLease | undefined {
    for (let scope: CancellationScope | undefined = CancellationScope.current(); scope; scope = scope.parent) {
      const lease = scopes.get(scope);
      if (lease?.name === name) return lease;
    }
    return undefined;
  }

  get elapsedMs(): number {
    return Date.now() - this.#askedAt;
  }

  get wasHeld(): boolean {
    return this.#expiresAt !== undefined;
  }

  /** What the block gets. */
  get view(): SshHostLease {
    const expiresAt = (): string => this.#expiresAt ?? '';
    return {
      name: this.name,
      requestId: this.requestId,
      mode: this.mode,
      get expiresAt() {
        return expiresAt();
      },
      renew: () => this.#renew(),
    };
  }

  granted(expiresAt: string): void {
    this.#expiresAt = expiresAt;
  }

  taken(reason: string): void {
    this.lost ??= reason;
    this.#running?.cancel();
  }

  /** Asks for the lease and waits for it, by a condition: nothing of a worker is held meanwhile. */
  async acquire(): Promise<void> {
    hearGates(this);
    this.#heard = true;
    const timeoutMs = parseDuration(this.options.timeout);
    await this.#ask(timeoutMs);
    const answered = (): boolean => this.wasHeld || this.lost !== undefined;
    if (timeoutMs === undefined) await condition(answered);
    else if (!(await condition(answered, Math.max(1, timeoutMs - this.elapsedMs))) && !answered()) {
      throw this.#timeout(timeoutMs);
    }
    if (this.lost !== undefined) throw new Error(this.lost);
  }

  /** Runs `fn` in a scope that is cancelled when the lease is lost. */
  async use<T>(fn: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ cancellable: true });
    const outermost = this.#users === 0;
    if (outermost) {
      this.#running = scope;
      scopes.set(scope, this);
    }
    this.#users += 1;
    try {
      const result = await scope.run(fn);
      // It was not alone to the end, whatever it made of its cancellation.
      if (outermost && this.lost !== undefined) throw new Error(this.lost);
      return result;
    } finally {
      this.#users -= 1;
      if (outermost) await this.#othersEnd(scope);
    }
  }

  /** Gives the lease back, or withdraws the request. */
  async release(): Promise<void> {
    if (!this.#heard) return;
    forgetGate(this);
    await giveBack(this.name, this.requestId);
  }

  /** Blocks inside of this one that nobody waits for go on under its lease. */
  async #othersEnd(scope: CancellationScope): Promise<void> {
    await CancellationScope.nonCancellable(() => condition(() => this.#users === 0));
    scopes.delete(scope);
  }

  async #ask(timeoutMs: number | undefined): Promise<void> {
    const { taskQueue = workflowInfo().taskQueue, gate } = this.options;
    const input: SshGateRequestInput = {
      name: this.name,
      taskQueue,
      request: this.#request(),
      ...(gate && { settings: gate }),
    };
    try {
      await scheduleActivity('sshGateRequest', [input], {
        startToCloseTimeout: '1m',
        ...(timeoutMs !== undefined && { scheduleToCloseTimeout: timeoutMs }),
        // It is over in a moment; what comes of it late is taken back.
        cancellationType: ActivityCancellationType.TRY_CANCEL,
        taskQueue,
        summary: `gate of ${this.name}: ${this.options.reason ?? this.mode}`.slice(0, 200),
      });
    } catch (error) {
      const late = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
      if (late && timeoutMs !== undefined) throw this.#timeout(timeoutMs);
      throw error;
    }
  }

  #request(): SshGateRequest {
    const { reason = workflowInfo().workflowType, maxHold, grace, checkInterval, max } = this.options;
    return {
      requestId: this.requestId,
      holder: thisHolder(),
      mode: this.mode,
      reason,
      leaseMs: parseDuration(maxHold) ?? MAX_HOLD_MS,
      graceMs: parseDuration(grace) ?? GRACE_MS,
      checkMs: parseDuration(checkInterval) ?? CHECK_MS,
      ...(max !== undefined && { max }),
    };
  }

  async #renew(): Promise<void> {
    const { requestId } = this;
    const leaseMs = parseDuration(this.options.maxHold) ?? MAX_HOLD_MS;
    try {
      await getExternalWorkflowHandle(sshGateWorkflowId(this.name)).signal(gateRenewSignal, {
        requestId,
        leaseMs,
        holder: thisHolder(),
      });
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
      this.taken('its gate is gone');
    }
  }

  #timeout(limitMs: number): ApplicationFailure {
    return ApplicationFailure.create({
      type: 'SshGateTimeout',
      message: `withHost ${this.name}: others held it for longer than the timeout of ${limitMs} ms.`,
      nonRetryable: false,
      details: [{ stage: 'config', host: this.name, limitMs, elapsedMs: this.elapsedMs, commandMayHaveRun: false }],
    });
  }
}

/** `SshGateLost` for the cancellation of a block whose lease is lost, to be called in that block; any other error as it is. */
export function gateLostOr(error: unknown): unknown {
  if (!isCancellation(error)) return error;
  for (let scope: CancellationScope | undefined = CancellationScope.current(); scope; scope = scope.parent) {
    const lease = scopes.get(scope);
    // A cancellation of the workflow is one, even if the lease was lost as well.
    if (lease?.lost !== undefined && scope.parent?.consideredCancelled !== true) return gateLost(lease, error);
  }
  return error;
}

/** The failure of who has lost a lease, or was not granted it. */
export function gateLost({ name, lost = '', elapsedMs, wasHeld }: GateLease, error: unknown): ApplicationFailure {
  const what = wasHeld ? 'the lease was lost, and its block cancelled' : 'the lease was not granted';
  return ApplicationFailure.create({
    type: 'SshGateLost',
    message: `withHost ${name}: ${what}: ${lost}`,
    nonRetryable: true,
    details: [{ stage: 'config', host: name, elapsedMs, commandMayHaveRun: wasHeld }],
    ...(error instanceof Error && error.message !== lost && { cause: error }),
  });
}

function thisHolder(): SshGateHolder {
  const { workflowId, runId, firstExecutionRunId } = workflowInfo();
  return { workflowId, runId, firstRunId: firstExecutionRunId };
}
