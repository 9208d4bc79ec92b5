import type { Duration, RetryPolicy } from '@temporalio/common';
import type { SshExecInput } from '../contract';

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

/** Options of {@link SshHost.exec}. */
export interface SshExecOptions extends Omit<SshExecInput, 'host' | 'command'>, SshStepOptions {}

/** What {@link sshHost} takes for all steps on that host; `timeouts`, `env` and `retry` are merged with a step's own. */
export type SshHostDefaults = Omit<SshExecOptions, 'stdin' | 'summary' | 'idempotent'>;

/** The step's options over the host's; what holds several values is merged value by value. */
export function mergeOptions(defaults: SshHostDefaults, options: SshExecOptions): SshExecOptions {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options)) if (value !== undefined) merged[name] = value;
  for (const name of ['timeouts', 'env', 'retry'] as const) {
    const [below, above] = [defaults[name], options[name]];
    if (isRecord(below) && isRecord(above)) merged[name] = { ...below, ...above };
  }
  return merged as SshExecOptions;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
