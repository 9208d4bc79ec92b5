import type { Info } from '@temporalio/activity';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { ActivityCancellationDetailsOptions } from '@temporalio/common/lib/activity-cancellation-details';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSshActivitiesWithPool } from '../../activities';
import type { SshActivities, SshOptions } from '../../activities';
import type { TransferEngine } from '../../activities/transfer-dependencies';
import type { SshTransferHeartbeat } from '../../contract';

/** The activities that move files. */
export type TransferName = 'sshUpload' | 'sshDownload' | 'sshPutFile' | 'sshSync';

/** One attempt of one in Temporal's mock environment. */
export interface MockTransfer<T> {
  readonly result: Promise<T>;
  readonly heartbeats: readonly SshTransferHeartbeat[];
  /** As the worker does, at an interruption. */
  interrupt(
    reason: Parameters<MockActivityEnvironment['cancel']>[0],
    details: ActivityCancellationDetailsOptions
  ): void;
}

/** Prepares attempts; all of them share the activities, as on a worker. */
export function mockTransfers(
  options: SshOptions,
  engine: Partial<TransferEngine> = {}
): <N extends TransferName>(
  name: N,
  input: unknown,
  info?: Partial<Info>
) => MockTransfer<Awaited<ReturnType<SshActivities[N]>>> {
  const { activities } = createSshActivitiesWithPool({ pool: { idle: 0 }, ...options }, engine);
  return (name, input, info = {}) => {
    type Result = Awaited<ReturnType<SshActivities[typeof name]>>;
    const environment = new MockActivityEnvironment(
      { activityType: name, startToCloseTimeoutMs: 600_000, heartbeatTimeoutMs: 30_000, ...info },
      { logger: new DefaultLogger('ERROR') }
    );
    const heartbeats: SshTransferHeartbeat[] = [];
    environment.on('heartbeat', (details: SshTransferHeartbeat) => heartbeats.push(details));
    const run = activities[name] as unknown as (given: unknown) => Promise<Result>;
    const result: Promise<Result> = environment.run(run, input);
    result.catch(() => undefined);
    return {
      result,
      heartbeats,
      interrupt: (reason, details) => environment.cancel(reason, new ActivityCancellationDetails(details)),
    };
  };
}
