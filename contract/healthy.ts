import type { Duration } from '@temporalio/common';
import type { SshExecInput } from './exec';
import type { SshStepOptions } from './step-options';
import type { SshTimeouts } from './stages';

/** Input of the activity `sshHealthy`. */
export interface SshHealthyInput extends Pick<SshExecInput, 'host' | 'command' | 'env' | 'cwd' | 'stdin'> {
  /** Exit codes that mean healthy. @default [0] */
  readonly okExitCodes?: readonly number[];
  /** The time between two looks, at least a second. @default '10s' */
  readonly every?: Duration;
  /** How long every look has to find it healthy, until that counts; `0`: the first good look does. @default 0 */
  readonly soak?: Duration;
  /** After so many bad looks in a row it fails at once. @default none: only the deadline ends the looks */
  readonly failAfter?: number;
  /** Deadlines of one look. @default 30 s for `run`, none for `idle`, the host's own for all others */
  readonly timeouts?: SshTimeouts;
}

/** Result of the activity `sshHealthy`. */
export interface SshHealthyResult {
  readonly host: string;
  /** How many looks were taken. */
  readonly looks: number;
  /** From the first look of those that found it healthy without a bad one between them, to the last one. */
  readonly healthyForMs: number;
  /** Of the last look. */
  readonly exitCode: number;
  /** The end of what the last look wrote, 2,048 characters at most. */
  readonly stdout: string;
}

/** Heartbeat details of `sshHealthy`: what one look hands on to the next. */
export interface SshHealthyHeartbeat {
  /** The stage that is under way. */
  readonly phase: string;
  readonly looks: number;
  /** Bad looks in a row. */
  readonly badLooks: number;
  /** When the first good look of those in a row was over, in milliseconds since 1970 by the clock of Temporal's server. */
  readonly healthySinceMs?: number;
}

/** `details[0]` of `SshUnhealthy` has these besides the failure's own. */
export interface SshUnhealthyDetails {
  readonly looks: number;
  /** `0` where the last look was a bad one. */
  readonly healthyForMs: number;
}

/** Options of `sshHost(...).untilHealthy`. */
export interface SshHealthyOptions
  extends
    Omit<SshHealthyInput, 'host' | 'command'>,
    Pick<SshStepOptions, 'heartbeatTimeout' | 'taskQueue' | 'summary'> {
  /** How long it may take in all, `soak` included; then it fails as `SshUnhealthy`. @default '10m' */
  readonly deadline?: Duration;
}
