import type { Duration } from '@temporalio/common';

/** The workflow that keeps one gate. */
export const SSH_GATE_WORKFLOW = 'sshHostGate';

/** Signals to a gate: ask for a lease ({@link SshGateRequest}), give it back, keep it longer. */
export const SSH_GATE_REQUEST = 'sshGateRequest';
export const SSH_GATE_RELEASE = 'sshGateRelease';
export const SSH_GATE_RENEW = 'sshGateRenew';

/** Signals from a gate to a holder's workflow: the lease is there ({@link SshGateGrant}), or is not or no longer. */
export const SSH_GATE_GRANTED = 'sshGateGranted';
export const SSH_GATE_LOST = 'sshGateLost';

/** The query for an {@link SshGateState}. */
export const SSH_GATE_STATE = 'sshGateState';

/** The update with which an operator takes a lease away. */
export const SSH_GATE_EVICT = 'sshGateEvict';

/** The workflow id of a gate. */
export function sshGateWorkflowId(name: string): string {
  return `ssh-host-gate/${name}`;
}

/** `exclusive` ones are alone inside; `shared` ones only with others of their kind. */
export type SshGateMode = 'exclusive' | 'shared';

/** Whose lease it is. */
export interface SshGateHolder {
  readonly workflowId: string;
  readonly runId: string;
  /** The first run of its chain, by which a run that continued as new or was reset is known. */
  readonly firstRunId: string;
}

/** What a holder asks a gate for. A request with an id that the gate knows is the same one, sent again. */
export interface SshGateRequest {
  /** Unique among all requests: it has the run id of its workflow in it. */
  readonly requestId: string;
  readonly holder: SshGateHolder;
  readonly mode: SshGateMode;
  /** For people. */
  readonly reason: string;
  /** How long the lease lasts, from the grant or the last renewal. */
  readonly leaseMs: number;
  /** How long the holder may take to stop once the lease is lost; only then is the next one let in. */
  readonly graceMs: number;
  /** `shared`: how many may be inside at most, this one included. */
  readonly max?: number;
  /** How often the gate looks whether the holders' workflows still run while this request waits. */
  readonly checkMs: number;
}

/** A lease that was granted. Times are ISO 8601, of the gate's workflow. */
export interface SshGateLease extends SshGateRequest {
  readonly grantedAt: string;
  readonly expiresAt: string;
  /** Why it is lost. The holder was told, and has until `expiresAt` to stop. */
  readonly lost?: string;
}

/** A request that waits. */
export interface SshGateWaiter extends SshGateRequest {
  readonly requestedAt: string;
}

/** A lease or a request that an operator took away. */
export interface SshGateEviction {
  readonly requestId: string;
  readonly workflowId: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** What a gate answers to its query. */
export interface SshGateState {
  readonly name: string;
  readonly holders: readonly SshGateLease[];
  /** In the order in which they are let in. */
  readonly waiting: readonly SshGateWaiter[];
  /** The last ones, newest last. */
  readonly evictions: readonly SshGateEviction[];
}

/** The argument of {@link SSH_GATE_GRANTED}. */
export interface SshGateGrant {
  readonly name: string;
  readonly requestId: string;
  readonly expiresAt: string;
}

/** The argument of {@link SSH_GATE_LOST}. */
export interface SshGateLoss {
  readonly requestId: string;
  readonly reason: string;
}

/** The argument of {@link SSH_GATE_RENEW}. */
export interface SshGateRenewal {
  readonly requestId: string;
  /** Told if the gate knows of no such lease. */
  readonly holder: SshGateHolder;
  readonly leaseMs: number;
}

/** The argument of {@link SSH_GATE_EVICT}. */
export interface SshGateEvictInput {
  readonly requestId: string;
  readonly by: string;
  readonly reason: string;
}

/** How the workflow of a gate runs. Decided by the request that starts it. */
export interface SshGateSettings {
  /** It ends when nobody has held or waited for so long. @default '5m' */
  readonly idle?: Duration;
  /** It continues as new after so many requests, or when Temporal suggests it. @default 500 */
  readonly requestsPerRun?: number;
}

/** The input of the workflow {@link SSH_GATE_WORKFLOW}. */
export interface SshGateInput extends SshGateSettings {
  readonly name: string;
  /** From the run before. */
  readonly state?: Omit<SshGateState, 'name'>;
}

/** The input of the activity `sshGateRequest`. */
export interface SshGateRequestInput {
  readonly name: string;
  /** Where the gate's workflow runs, if this request starts it. */
  readonly taskQueue: string;
  readonly settings?: SshGateSettings;
  readonly request: SshGateRequest;
}

/** The input of the activity `sshGateHolders`. */
export interface SshGateHoldersInput {
  readonly holders: readonly SshGateHolder[];
}

/** The result of the activity `sshGateHolders`: those whose lease nobody holds any more. */
export interface SshGateHoldersResult {
  readonly gone: readonly SshGateHolder[];
}

/** Options of `withHost` and `withHosts`. */
export interface SshGateOptions {
  /** @default 'exclusive' */
  readonly mode?: SshGateMode;
  /** For people: what is done on the host. @default the type of the workflow */
  readonly reason?: string;
  /** How long to wait for the lease at most. @default for ever */
  readonly timeout?: Duration;
  /** The lease is lost after this, whatever its holder does; `renew` starts it anew. @default '24h' */
  readonly maxHold?: Duration;
  /** How long the block may take to stop once its lease is lost, before the next one is let in. @default '1m' */
  readonly grace?: Duration;
  /** `shared`: how many may be inside at most, this one included. @default no limit */
  readonly max?: number;
  /** How often the gate looks whether the holders' workflows still run while this request waits. @default '1m' */
  readonly checkInterval?: Duration;
  /** A continue-as-new in the block keeps the lease; the next run has to ask for it again. @default false */
  readonly keepOnContinueAsNew?: boolean;
  /** The task queue of a worker with our activities and, for the gate, our workflows. @default the workflow's own */
  readonly taskQueue?: string;
  readonly gate?: SshGateSettings;
}
