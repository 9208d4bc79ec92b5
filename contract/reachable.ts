import type { Duration } from '@temporalio/common';
import type { SshStepOptions } from './step-options';
import type { SshTimeouts } from './stages';

/** Input of the activity `sshReachable`. */
export interface SshReachableInput {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /** The boot that the host is to have left behind: while it still has this boot id, the look fails. @default any boot */
  readonly notBootId?: string;
  /** The time between two looks, at least a second. @default '10s' */
  readonly every?: Duration;
  /** Deadlines of one look. @default 30 s for `run`, none for `idle`, the host's own for all others */
  readonly timeouts?: SshTimeouts;
}

/** Result of the activity `sshReachable`. */
export interface SshReachableResult {
  readonly host: string;
  /** SHA-256 fingerprint of the key that the host proved to have, as OpenSSH prints it. */
  readonly hostKeyFingerprint: string;
  /** Linux' `/proc/sys/kernel/random/boot_id`, another one after each boot; empty where the host has none. */
  readonly bootId: string;
  /** Which look it was that found the host, from 1. */
  readonly attempt: number;
}

/** Options of `sshHost(...).waitUntilReachable`. */
export interface SshWaitOptions
  extends Omit<SshReachableInput, 'host'>, Pick<SshStepOptions, 'heartbeatTimeout' | 'taskQueue' | 'summary'> {
  /** How long to wait in all; then it fails as `SshUnreachable`. @default '15m' */
  readonly deadline?: Duration;
}

/** Options of `sshHost(...).reboot`. */
export interface SshRebootOptions
  extends Pick<SshReachableInput, 'every' | 'timeouts'>, Pick<SshStepOptions, 'heartbeatTimeout' | 'taskQueue'> {
  /**
   * What reboots the host: a command line for the login shell of the remote user, or a list of arguments. It must not be
   * a job, and needs the rights for it (`sudo -n reboot`). @default 'shutdown -r now'
   */
  readonly command?: string | readonly string[];
  /** How long the host may take to be there: before the command, and once more after it. @default '15m' */
  readonly deadline?: Duration;
  /** How long after the command the first look is, for hosts that take long to go down. @default none */
  readonly delay?: Duration;
}

/** Result of `sshHost(...).reboot`. */
export interface SshRebootResult {
  readonly host: string;
  readonly bootIdBefore: string;
  readonly bootIdAfter: string;
  /** The same before and after. */
  readonly hostKeyFingerprint: string;
}
