import type { SshHost } from '../ssh-host';

type Options = Readonly<Record<string, unknown>>;

/** Stands in until `SshHost` has these. */
export interface LookingHost extends SshHost {
  check(options: Options): Promise<{ readonly missing: readonly string[] }>;
  untilHealthy(command: unknown, options: Options): Promise<{ readonly exitCode: number; readonly stdout: string }>;
  waitUntilReachable(options: Options): Promise<unknown>;
  reboot(options: Options): Promise<unknown>;
}
