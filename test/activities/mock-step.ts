import { MockActivityEnvironment } from '@temporalio/testing';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { ActivityCancellationDetailsOptions } from '@temporalio/common/lib/activity-cancellation-details';
import type { ActivityFunction } from '@temporalio/common';
import type { Info } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';
import { createSshActivities } from '../../activities';
import type { SshOptions } from '../../activities';
import type { SshExecHeartbeat, SshExecInput, SshExecResult } from '../../contract';
import type { HostConfig, HostsFile } from '../../ssh/hosts';
import type { SshScript } from '../support/ssh-script';

/** The host as hosts files know it, for a server that a test has started. */
export function hostConfig(
  server: {
    readonly address: string;
    readonly port: number;
    readonly hostFingerprint: string;
    readonly clientKeyFile: string;
  },
  more: Partial<HostConfig> = {}
): HostConfig {
  const { address, port, hostFingerprint, clientKeyFile } = server;
  return {
    address,
    port,
    user: 'test',
    credential: { privateKeyFile: clientKeyFile },
    hostKey: hostFingerprint,
    ...more,
  };
}

/** A hosts file with one host, `box`. */
export function hostsOf(server: SshScript, more: Partial<HostConfig> = {}): HostsFile {
  return { hosts: { box: hostConfig(server, more) } };
}

/** The activity in Temporal's mock environment. */
export interface MockStep {
  readonly heartbeats: readonly SshExecHeartbeat[];
  run(input: SshExecInput): Promise<SshExecResult>;
  /** Resolves when so many more heartbeats have come; by default once one tells of a running command. */
  beats(count?: number): Promise<void>;
  /** As the worker does, at an interruption. */
  interrupt(
    reason: Parameters<MockActivityEnvironment['cancel']>[0],
    details: ActivityCancellationDetailsOptions
  ): void;
  /** Why the activity was interrupted, as it sees it. */
  readonly reason: unknown;
}

/** Sets the activity up for one execution. */
export function mockStep(options: SshOptions, info: Partial<Info> = {}): MockStep {
  const { sshExec } = createSshActivities({ pool: { idle: 0 }, ...options });
  const environment = new MockActivityEnvironment(
    { startToCloseTimeoutMs: 600_000, scheduleToCloseTimeoutMs: 0, heartbeatTimeoutMs: 300, ...info },
    { logger: new DefaultLogger('ERROR') }
  );
  const heartbeats: SshExecHeartbeat[] = [];
  const looks = new Set<() => void>();
  environment.on('heartbeat', (details: SshExecHeartbeat) => {
    heartbeats.push(details);
    for (const look of looks) look();
  });
  return {
    heartbeats,
    run: (input) => {
      const running: Promise<SshExecResult> = environment.run<
        [SshExecInput],
        SshExecResult,
        ActivityFunction<[SshExecInput], SshExecResult>
      >(sshExec, input);
      // A test may have more to do before it looks how it ended.
      running.catch(() => undefined);
      return running;
    },
    beats: (count) => {
      const { length } = heartbeats;
      const there = (): boolean =>
        count === undefined ? heartbeats.at(-1)?.phase === 'run' : heartbeats.length >= length + count;
      return new Promise((resolve) => {
        const look = (): void => {
          if (!there()) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      });
    },
    interrupt: (reason, details) => environment.cancel(reason, new ActivityCancellationDetails(details)),
    get reason() {
      return environment.context.cancellationSignal.reason as unknown;
    },
  };
}
