import type { Info } from '@temporalio/activity';
import { ActivityCancellationDetails, ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSshActivities } from '../../activities';
import type { SshActivities, SshOptions } from '../../activities';

/** The activities that look at hosts, or for them. */
export type LookName = 'sshReachable' | 'sshHealthy' | 'sshCheck' | 'sshListHosts';

/** One attempt of such an activity in Temporal's mock environment. */
export interface MockLook<T> {
  readonly result: Promise<T>;
  readonly heartbeats: readonly Readonly<Record<string, unknown>>[];
  /** As the worker does at a cancellation. */
  cancel(): void;
}

/** Prepares attempts; all of them share the activities, as on a worker. */
export function mockLooks(
  options: SshOptions
): <N extends LookName>(
  name: N,
  input: unknown,
  info?: Partial<Info>
) => MockLook<Awaited<ReturnType<SshActivities[N]>>> {
  const activities = createSshActivities({ pool: { idle: 0, coolDown: '1s', maxCoolDown: '1s' }, ...options });
  return (name, input, info = {}) => {
    type Result = Awaited<ReturnType<SshActivities[typeof name]>>;
    const environment = new MockActivityEnvironment(
      {
        activityType: name,
        scheduleToCloseTimeoutMs: 0,
        startToCloseTimeoutMs: 600_000,
        heartbeatTimeoutMs: 30_000,
        ...info,
      },
      { logger: new DefaultLogger('ERROR') }
    );
    const heartbeats: Record<string, unknown>[] = [];
    environment.on('heartbeat', (details: Record<string, unknown>) => heartbeats.push(details));
    const run = activities[name] as unknown as (given: unknown) => Promise<Result>;
    const result: Promise<Result> = environment.run(run, input);
    result.catch(() => undefined);
    return {
      result,
      heartbeats,
      cancel: () => environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true })),
    };
  };
}

/** The category of the failure that a promise ends with. */
export async function categoryOf(promise: Promise<unknown>): Promise<ApplicationFailure['category']> {
  const [settled] = await Promise.allSettled([promise]);
  const failure: unknown = settled?.status === 'rejected' ? settled.reason : undefined;
  return failure instanceof ApplicationFailure ? failure.category : undefined;
}
