import type { SshOnFailure, SshStepKind } from './runbook';

/** The query that each ready-made workflow answers with its {@link SshProgress}. */
export const SSH_PROGRESS_QUERY = 'progress';

/** Where a run is. `waiting` is for somebody's answer, `undoing` after a failure, a cancellation or an abort. */
export type SshRunState = 'running' | 'paused' | 'waiting' | 'undoing' | 'succeeded' | 'failed' | 'cancelled';

/** The updates by which people take a hand in a run. */
export const SSH_RUN_UPDATES = ['pause', 'resume', 'approve', 'abort', 'skipHost', 'resolve'] as const;

/** One of {@link SSH_RUN_UPDATES}. */
export type SshRunUpdate = (typeof SSH_RUN_UPDATES)[number];

/** Who asks, and why. Both are on record; neither may be empty. */
export interface SshUpdateInput {
  readonly by: string;
  readonly reason: string;
}

/** Input of the update `approve`. */
export interface SshApproveInput extends SshUpdateInput {
  /** The step that waits. @default the only one that does */
  readonly step?: string;
  /** False refuses: the step fails. @default true */
  readonly approved?: boolean;
}

/** Input of the update `abort`. */
export interface SshAbortInput extends SshUpdateInput {
  /** Whether what was done is undone. @default true */
  readonly undo?: boolean;
}

/** Input of the update `skipHost`. */
export interface SshSkipHostInput extends SshUpdateInput {
  readonly host: string;
}

/**
 * An answer to a step that waits for a decision.
 *
 * `ran`: it did its work, go on. `did-not-run`, `retry`: run it again. `compensate`: it failed, undo what was done. `stop`: it failed,
 * leave all as it is. `skip`: it failed, go on without it.
 */
export type SshResolution = 'ran' | 'did-not-run' | 'retry' | 'compensate' | 'stop' | 'skip';

/** Input of the update `resolve`. */
export interface SshResolveInput extends SshUpdateInput {
  readonly decision: SshResolution;
  /** @default the only one that waits */
  readonly step?: string;
  /** @default the only one that waits */
  readonly host?: string;
}

/** What was decided, by whom and why. */
export interface SshDecision {
  readonly at: string;
  readonly update: SshRunUpdate;
  readonly by: string;
  readonly reason: string;
  readonly step?: string;
  readonly host?: string;
  readonly decision?: string;
}

/** Something that the run waits for. */
export interface SshQuestion {
  readonly kind: 'approval' | 'decision';
  readonly step: string;
  readonly host?: string;
  readonly text: string;
  readonly since: string;
  /** What may be answered. */
  readonly answers: readonly string[];
}

/** Where a step is, on one host or on all. */
export type SshStepState = 'pending' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'undone';

/** A step on one host. */
export interface SshHostStepReport {
  readonly host: string;
  readonly state: SshStepState;
  readonly exitCode?: number;
  /** Of a step that failed. */
  readonly type?: string;
  readonly message?: string;
  /** The last 500 characters that a command which failed wrote to its standard error. */
  readonly stderrTail?: string;
}

/** One step of a run. */
export interface SshStepReport {
  readonly name: string;
  readonly kind: SshStepKind;
  readonly state: SshStepState;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** All of them up to 50; of more those that did not succeed, 50 at most. */
  readonly hosts?: readonly SshHostStepReport[];
  /** How many hosts are not in `hosts`, of those that would be, since the whole report would be too large. */
  readonly leftOut?: number;
  /** How many hosts are in each state. */
  readonly counts?: Readonly<Partial<Record<SshStepState, number>>>;
  /** Why it was skipped, or how it failed. */
  readonly message?: string;
}

/** How many hosts of a fleet are where. */
export interface SshFleetCounts {
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly undone: number;
}

/** One host of a fleet. */
export interface SshFleetHost {
  readonly host: string;
  readonly state: SshStepState;
  /** Where it is, or where it failed. */
  readonly step?: string;
  readonly type?: string;
  readonly message?: string;
  /** The last 500 characters that a command which failed wrote to its standard error. */
  readonly stderrTail?: string;
}

/** What a run tells of itself while it runs, and at its end. */
export interface SshProgress {
  readonly kind: 'runbook' | 'rollout' | 'maintenance';
  readonly name: string;
  readonly state: SshRunState;
  /** Somebody asked for a pause: what runs or waits goes on to its end, and nothing else begins until `resume`. */
  readonly paused?: true;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly dryRun?: boolean;
  readonly onFailure?: SshOnFailure;
  readonly steps: readonly SshStepReport[];
  /** Of a rollout: those that run, failed or were skipped; 200 at most. */
  readonly hosts?: readonly SshFleetHost[];
  readonly counts?: SshFleetCounts;
  /** Of a rollout: the batch under way, counted from 1, and how many there are. */
  readonly batch?: { readonly current: number; readonly total: number };
  /** Of a rollout or maintenance: the child workflow that has the hosts which run. It answers the query and the updates too. */
  readonly child?: string;
  /** Of a rollout that has ended: the hosts that are done. Given as `done`, the next one begins with the others. */
  readonly done?: readonly string[];
  /**
   * What the run waits for by itself, with nothing to answer: that its window opens, or the pause between two batches. `until` is a
   * moment as ISO 8601.
   */
  readonly waitingFor?: { readonly what: 'window' | 'pause'; readonly until: string };
  readonly questions: readonly SshQuestion[];
  /** The last 100. */
  readonly decisions: readonly SshDecision[];
  readonly failure?: { readonly type: string; readonly message: string };
  /** How many are not in these lists: without `done`, a report has 256 KiB at most. Steps say themselves what is left out. */
  readonly leftOut?: { readonly hosts?: number; readonly questions?: number; readonly decisions?: number };
}
