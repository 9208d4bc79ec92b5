import type { Duration } from '@temporalio/common';
import type { SshTransferSpec } from './files';
import type { SshExecOptions, SshHostDefaults, SshJobOptions } from './step-options';

/** Hosts by their names in the workers' hosts file, or by their labels there: all that have each of them. */
export type SshHostSelection =
  readonly string[] | { readonly labels: Readonly<Record<string, string | readonly string[]>> };

/** What is asked of a text; all that are given must hold. White space at both ends does not count. */
export interface SshTextTest {
  readonly equals?: string;
  readonly contains?: string;
}

/** How a step may have ended. A step whose `when` did not hold is skipped. */
export type SshStepEnd = 'succeeded' | 'failed' | 'skipped';

/** What is asked of an earlier step, on the same host where it ran there; all that are given must hold. */
export interface SshWhen {
  readonly step: string;
  readonly state?: SshStepEnd;
  readonly exitCode?: number | readonly number[];
  /** Of what the step keeps, the last 4 KiB. */
  readonly stdout?: SshTextTest;
  readonly stderr?: SshTextTest;
}

/** What undoes a step on its host. It must do no harm where there is nothing to undo, nor when it runs twice. */
export interface SshRunbookUndo extends SshExecOptions {
  readonly exec: string | readonly string[];
}

/** What becomes of a run whose step has failed. */
export type SshOnFailure =
  /** Everything that was done is undone, last first. */
  | 'undo'
  /** The run fails as it is. */
  | 'stop'
  /** The failure is on record, and the run goes on. */
  | 'continue'
  /** Somebody decides, by the update `resolve`. */
  | 'ask';

/** What all steps have. */
export interface SshRunbookStepBase {
  /** Unique in the runbook. */
  readonly name: string;
  /** @default the hosts of the runbook */
  readonly hosts?: SshHostSelection;
  /** On how many hosts it runs at once. @default 10 */
  readonly atOnce?: number;
  readonly when?: SshWhen;
  /** Registered before the step runs. */
  readonly undo?: SshRunbookUndo;
  /** @default that of the runbook */
  readonly onFailure?: SshOnFailure;
  /**
   * What becomes of a step whose outcome is not known (`SshOutcomeUnknown`): it fails, or somebody decides by the update
   * `resolve`. @default 'fail'
   */
  readonly onUnknown?: 'fail' | 'ask';
  /**
   * Decides by itself where the outcome is not known: exit code 0 tells that the step did its work, 1 that it did not, so
   * that it runs again; anything else leaves it to `onUnknown`. It must change nothing.
   */
  readonly verify?: string | readonly string[];
}

/** Executes a command, as `host.exec`. */
export interface SshExecStep extends SshRunbookStepBase, SshExecOptions {
  readonly exec: string | readonly string[];
}

/** Runs a job, as `host.job`. */
export interface SshJobStep extends SshRunbookStepBase, SshJobOptions {
  readonly job: string | readonly string[];
}

/** Brings a file to the host, as `host.upload`. */
export type SshUploadStep = SshRunbookStepBase & Extract<SshTransferSpec, { readonly upload: unknown }>;

/** Brings a file from the host, as `host.download`. `{host}` in `to` stands for the host's name. */
export type SshDownloadStep = SshRunbookStepBase & Extract<SshTransferSpec, { readonly download: unknown }>;

/** Makes a file on the host, as `host.putFile`. */
export type SshPutFileStep = SshRunbookStepBase & Extract<SshTransferSpec, { readonly putFile: unknown }>;

/** Makes a directory of the host like one of the worker, as `host.sync`. */
export type SshSyncStep = SshRunbookStepBase & Extract<SshTransferSpec, { readonly sync: unknown }>;

/** Waits until a command succeeds, as `host.untilHealthy`. */
export interface SshHealthyStep extends SshRunbookStepBase {
  readonly healthy: string | readonly string[];
  /** @default '10m' */
  readonly deadline?: Duration;
  /** @default '10s' */
  readonly every?: Duration;
  /** For how long it must succeed, each time. @default once is enough */
  readonly soak?: Duration;
  /** After so many bad looks in a row it fails at once. @default none: only the deadline ends the looks */
  readonly failAfter?: number;
}

/** Waits until the host can be logged in to, as `host.waitUntilReachable`. */
export interface SshReachableStep extends SshRunbookStepBase {
  readonly reachable: true;
  /** @default '15m' */
  readonly deadline?: Duration;
  /** @default '10s' */
  readonly every?: Duration;
}

/** Reboots the host and waits for it, as `host.reboot`. */
export interface SshRebootStep extends SshRunbookStepBase {
  /** `true`, or the command that reboots it. */
  readonly reboot: true | string | readonly string[];
  /** @default '15m' */
  readonly deadline?: Duration;
  /** @default '10s' */
  readonly every?: Duration;
}

/** Waits for a while, or until a moment. It has no hosts. */
export interface SshSleepStep extends SshRunbookStepBase {
  /** A duration, or a moment as ISO 8601 with its offset: `2030-01-31T02:00:00Z`. */
  readonly sleep: Duration;
}

/** Waits until somebody approves, by the update `approve`. It has no hosts. */
export interface SshApproveStep extends SshRunbookStepBase {
  /** What is asked. */
  readonly approve: string;
  /** Without an answer in this time the step fails. @default none */
  readonly deadline?: Duration;
}

/** One step of a runbook: exactly one of {@link SSH_STEP_KINDS}. */
export type SshRunbookStep =
  | SshExecStep
  | SshJobStep
  | SshUploadStep
  | SshDownloadStep
  | SshPutFileStep
  | SshSyncStep
  | SshHealthyStep
  | SshReachableStep
  | SshRebootStep
  | SshSleepStep
  | SshApproveStep;

/** The kinds of steps; each is the name of the field that makes it one. */
export const SSH_STEP_KINDS = [
  ...(['exec', 'job', 'upload', 'download', 'putFile', 'sync'] as const),
  ...(['healthy', 'reachable', 'reboot', 'sleep', 'approve'] as const),
] as const;

/** One of {@link SSH_STEP_KINDS}. */
export type SshStepKind = (typeof SSH_STEP_KINDS)[number];

/** Steps, one after the other, on hosts. */
export interface SshRunbook {
  readonly name: string;
  readonly description?: string;
  /** Where steps run that name no hosts. */
  readonly hosts?: SshHostSelection;
  /** Variables of the environment of each command; a step's own go before them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options for all steps. */
  readonly defaults?: SshHostDefaults;
  /** @default 'undo' */
  readonly onFailure?: SshOnFailure;
  /** Programs that each host must have. They are looked for by `dryRun`. */
  readonly programs?: readonly string[];
  readonly steps: readonly SshRunbookStep[];
}

/** How a runbook is run. */
export interface SshRunbookOptions {
  /** Only checks each host: that it can be logged in to, and has the programs that the runbook names. Changes nothing. */
  readonly dryRun?: boolean;
  /**
   * Holds the gate of each host while it runs, exclusively, so that no other run with a gate is on the same host.
   * @default true
   */
  readonly gate?: boolean;
}
