import type { Duration } from '@temporalio/common';
import type { SshHostSelection, SshOnFailure, SshRunbookStep } from './runbook';
import type { SshHostDefaults } from './step-options';

/** A number of hosts, or a share of all of them such as `'25%'`, rounded up. */
export type SshHostCount = number | `${number}%`;

/** What becomes of a rollout that has had more failures than it may. */
export type SshOnBudgetExceeded =
  /** What was done on every host is undone, the last batch first. */
  | 'rollback'
  /** It fails, and leaves all hosts as they are. */
  | 'stop'
  /** Somebody decides, by the update `resolve`. */
  | 'ask';

/** What is done on each host, in this order. Each part is optional but `change`. */
export interface SshRolloutSteps {
  /** Takes the host out of service. */
  readonly drain?: readonly SshRunbookStep[];
  readonly change: readonly SshRunbookStep[];
  /** Until it is well: steps `healthy`, most of the time. */
  readonly check?: readonly SshRunbookStep[];
  /** Takes it into service again. Runs whatever happened, if `drain` was begun. */
  readonly restore?: readonly SshRunbookStep[];
}

/** The same steps on many hosts, some at a time. */
export interface SshRollout extends SshRolloutSteps {
  readonly name: string;
  readonly description?: string;
  readonly hosts: SshHostSelection;
  /** In which order hosts come: as given, by name, or by a label first and then by name. @default 'given' */
  readonly order?: 'given' | 'name';
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: SshHostDefaults;
  readonly programs?: readonly string[];
  /** How many hosts go first, alone. One that fails, or is not reachable, is as more failures than `maxFailures`. @default 1 */
  readonly canary?: SshHostCount;
  /** Waits for an approval once the canary is done. @default false */
  readonly approveCanary?: boolean;
  /** How many hosts a batch has: one number for all, or a list whose last number is for the rest. @default all */
  readonly batch?: SshHostCount | readonly SshHostCount[];
  /** The time between two batches. @default none */
  readonly pause?: Duration;
  /** On how many hosts it works at once: so many are out of service. Those that failed count too. @default 10 */
  readonly maxUnavailable?: SshHostCount;
  /** How many hosts of all may fail, unreachable ones included, before no other is begun. @default 0 */
  readonly maxFailures?: SshHostCount;
  /** @default 'rollback' */
  readonly onBudgetExceeded?: SshOnBudgetExceeded;
  /** What becomes of a host whose step has failed: its steps are undone, or it stays as it is. @default 'undo' */
  readonly onFailure?: Exclude<SshOnFailure, 'continue'>;
}

/** How a rollout is run. */
export interface SshRolloutOptions {
  readonly dryRun?: boolean;
  /** @default true */
  readonly gate?: boolean;
  /** Hosts that are done already: as a failed rollout reports them, to go on with the rest. */
  readonly done?: readonly string[];
}
