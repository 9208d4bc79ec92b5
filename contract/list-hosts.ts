import type { SshStepOptions } from './step-options';

/** Input of the activity `sshListHosts`: which hosts. Without anything, all that the hosts file has. */
export interface SshListHostsInput {
  /** All of these labels, each with its value or with one of several. @default any */
  readonly labels?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Any of these names; `*` stands for any characters. Hosts of OpenSSH's configuration, and those that a function looks
   * up, are found by their whole names only. @default any
   */
  readonly names?: readonly string[];
}

/** One host of {@link SshListHostsResult}. */
export interface SshListedHost {
  readonly name: string;
  /** With the defaults of the hosts file; left out where more than 1,000 hosts are listed. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Result of the activity `sshListHosts`. */
export interface SshListHostsResult {
  /** Sorted by name in natural order (`web-2` before `web-10`). Empty where no host has such labels or names. */
  readonly hosts: readonly SshListedHost[];
}

/** Options of `listSshHosts`. */
export type SshListHostsOptions = Pick<SshStepOptions, 'retry' | 'deadline' | 'taskQueue' | 'summary'>;
