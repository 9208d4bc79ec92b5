import type { Duration, RetryPolicy } from '@temporalio/common';
import type { SshExecInput } from './exec';
import type { SshJobFollowOptions, SshJobGuards, SshJobOutputOptions, SshJobSpec } from './job';
import type { SshTimeouts } from './stages';

/** Options of a step that concern Temporal, not the command. */
export interface SshStepOptions {
  /**
   * Retry policy of the step. Its intervals also shape the jittered delays after busy servers.
   *
   * @default first after 5 s, doubling to 2 minutes, without a limit on attempts
   */
  readonly retry?: RetryPolicy;
  /** How long the step may take in all, with every retry and all waiting. @default none */
  readonly deadline?: Duration;
  /** How long a worker may be silent before the server takes it for dead. @default '30s' */
  readonly heartbeatTimeout?: Duration;
  /** The task queue whose workers can reach the host. @default the workflow's own */
  readonly taskQueue?: string;
  /** What the step does, for the Web UI; the host's name is added. Never put a secret here. @default 'exec' */
  readonly summary?: string;
}

/** Options of `sshHost(...).exec`. */
export interface SshExecOptions extends Omit<SshExecInput, 'host' | 'command' | 'once'>, SshStepOptions {
  /**
   * The command runs at most once, whatever is lost on the way, and its result is found again: see
   * {@link SshExecInput.once}. Its id is made of the workflow's. @default false
   */
  readonly once?: boolean;
}

/** Options of `sshHost(...).attach`. */
export interface SshJobAttachOptions
  extends
    SshJobOutputOptions,
    SshJobFollowOptions,
    Pick<SshJobGuards, 'killGrace'>,
    Pick<SshJobSpec, 'become'>,
    Omit<SshStepOptions, 'deadline'> {
  /** Deadlines of the stages up to `exec`. */
  readonly timeouts?: SshTimeouts;
}

/** Options of `sshHost(...).job`. `deadline` is the one that the host keeps. */
export interface SshJobOptions extends Omit<SshJobSpec, 'command'>, SshJobGuards, SshJobAttachOptions {
  /** `[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}`. @default made of the workflow's id, the step's number and the run's id */
  readonly id?: string;
  /** Start only if the host still has this boot id: else `SshJobHostRebooted`. */
  readonly bootId?: string;
}

/** Input of the workflow `sshJobRun`. Without `command` it attaches to the job `id`. */
export interface SshJobRunInput extends SshJobOptions {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  readonly command?: string | readonly string[];
}

/** What `sshHost` takes for all steps on that host; `timeouts`, `env` and `retry` are merged with a step's own. */
export type SshHostDefaults = Omit<SshExecOptions, 'stdin' | 'summary' | 'idempotent' | 'once'>;

/** Input of the workflow `sshCommand`. */
export interface SshCommandInput extends SshExecOptions {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /** A command line for the login shell of the remote user, or a list of arguments that is quoted. */
  readonly command: string | readonly string[];
}
