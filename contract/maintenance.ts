import type { Duration } from '@temporalio/common';
import type { SshHostSelection, SshRunbookStep } from './runbook';
import type { SshHostDefaults } from './step-options';

/** When work may be done. It is looked at before each host and before each step; what has begun is not cut off. */
export interface SshWindow {
  /** Waits until then. A moment as ISO 8601 with its offset, or a duration from the start of the workflow. */
  readonly notBefore?: Duration;
  /** Begins nothing after it: hosts that are left are not touched, a host under way is restored. As `notBefore`. */
  readonly notAfter?: Duration;
}

/** Work on hosts that has to be done now and then. On each host: drain, job, reboot, verify, restore. */
export interface SshMaintenance {
  readonly name: string;
  readonly description?: string;
  readonly hosts: SshHostSelection;
  /** On how many hosts it works at once. @default 1 */
  readonly atOnce?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: SshHostDefaults;
  readonly programs?: readonly string[];
  readonly window?: SshWindow;
  /** Takes the host out of service. */
  readonly drain?: readonly SshRunbookStep[];
  /** The work itself. */
  readonly job: readonly SshRunbookStep[];
  /** Reboots the host after the work: always, never, or where a command ends with exit code 0. @default false */
  readonly reboot?:
    boolean | { readonly when: string | readonly string[]; readonly command?: string | readonly string[] };
  /** Whether the host is well again. */
  readonly verify?: readonly SshRunbookStep[];
  /** Takes the host into service again. Runs whatever happened, once the drain was begun, also after a cancellation. */
  readonly restore?: readonly SshRunbookStep[];
  /** How many hosts may fail before no other is begun. @default 0 */
  readonly maxFailures?: number;
}

/** How a maintenance is run. */
export interface SshMaintenanceOptions {
  readonly dryRun?: boolean;
  /** @default true */
  readonly gate?: boolean;
}
