import type { Duration, RetryPolicy } from '@temporalio/common';
import type { SshExecInput } from './exec';

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
export interface SshExecOptions extends Omit<SshExecInput, 'host' | 'command'>, SshStepOptions {}

/** What `sshHost` takes for all steps on that host; `timeouts`, `env` and `retry` are merged with a step's own. */
export type SshHostDefaults = Omit<SshExecOptions, 'stdin' | 'summary' | 'idempotent'>;

/** Input of the workflow `sshCommand`. */
export interface SshCommandInput extends SshExecOptions {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /** A command line for the login shell of the remote user, or a list of arguments that is quoted. */
  readonly command: string | readonly string[];
}
