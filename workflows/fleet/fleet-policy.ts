import type { Duration } from '@temporalio/common';
import type { SshOnBudgetExceeded } from '../../contract';
import type { CarriedControl } from '../control/run-control';
import type { CarriedFleet } from './fleet-state';

/** How the hosts of a fleet are gone through. */
export interface FleetPolicy {
  readonly batches: readonly (readonly string[])[];
  readonly maxUnavailable: number;
  readonly maxFailures: number;
  readonly onBudgetExceeded: SshOnBudgetExceeded;
  /** Whether hosts that are done are undone when the whole fails. */
  readonly rollback: boolean;
  /** Whether they are when somebody aborts with undo. */
  readonly abortRollsBack?: boolean;
  /** How many hosts of the canary may fail; where there is no canary it is not set. */
  readonly canaryMayFail?: number;
  readonly approveCanary: boolean;
  readonly pause?: Duration;
  /** In milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly dryRun: boolean;
}

/** What the run after a continue-as-new goes on from. */
export interface CarriedFleetRun {
  readonly startedAt: string;
  readonly policy: FleetPolicy;
  /** Hosts that are left of the batches, from the one under way on. */
  readonly left: readonly (readonly string[])[];
  readonly begun: boolean;
  readonly children: number;
  readonly state: CarriedFleet;
  readonly control: CarriedControl;
}
