import { defineSignal } from '@temporalio/workflow';
import type {
  SshAbortInput,
  SshDecision,
  SshQuestion,
  SshResolveInput,
  SshSkipHostInput,
  SshUpdateInput,
} from '../../contract';
import type { FleetPlan } from './fleet-plan';
import type { FleetHostResult } from './host-run';

/** Hosts of a fleet for one child workflow, whose history they must not overfill. */
export interface FleetBatchInput {
  readonly plan: FleetPlan;
  readonly hosts: readonly string[];
  readonly mode: 'run' | 'rollback' | 'check';
  /** How many hosts may be out of service at once. */
  readonly maxUnavailable: number;
  /** How many are already, of earlier batches. */
  readonly unavailable: number;
  /** With more failures than that no other host is begun. */
  readonly maxFailures: number;
  readonly paused: boolean;
  readonly skippedHosts: readonly string[];
}

/** What became of them. */
export interface FleetBatchResult {
  readonly results: readonly FleetHostResult[];
  readonly notBegun: readonly string[];
  /** Somebody stopped this batch by itself. */
  readonly stopped?: 'cancelled' | 'aborted';
  /** Those that it was given itself, not through the whole fleet. */
  readonly decisions: readonly SshDecision[];
}

/** What the whole fleet tells the batch that runs. */
export type FleetOrder =
  | { readonly order: 'pause' | 'resume'; readonly input: SshUpdateInput }
  | { readonly order: 'abort'; readonly input: SshAbortInput }
  | { readonly order: 'skipHost'; readonly input: SshSkipHostInput }
  | { readonly order: 'resolve'; readonly input: SshResolveInput };

/** From the whole fleet to the batch that runs. */
export const fleetOrderSignal = defineSignal<[FleetOrder]>('sshFleetOrder');

/** From a batch to the whole fleet: what it asks now. */
export const fleetQuestionsSignal = defineSignal<[readonly SshQuestion[]]>('sshFleetQuestions');
