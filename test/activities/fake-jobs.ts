import { join } from 'node:path';
import { after } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ActivityCancellationDetails, noopMetricMeter } from '@temporalio/common';
import type { ActivityCancellationDetailsOptions } from '@temporalio/common/lib/activity-cancellation-details';
import type { ActivityFunction } from '@temporalio/common';
import type { Info } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';
import type { SshActivitiesWithPool, SshJobSettings } from '../../activities';
import { createSshActivitiesWithPool } from '../../activities';
import type { SshFailureType, SshJobHeartbeat, SshJobStatus } from '../../contract';
import { jobFailure } from '../../ssh/job/job-end';
import type { JobClient, JobFollower, JobReport, JobRequest } from '../../ssh/job/job-client';
import { SshError } from '../../ssh/ssh-error';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';

const scratch = makeScratch();
after(() => scratch.remove());
const key = makeKeyFiles(join(scratch.path, 'key'));

/** A report on the job `j` of the host `box`. */
export function report(status: Partial<SshJobStatus>, more: Partial<JobReport> = {}): JobReport {
  return {
    status: {
      ...{ host: 'box', id: 'j', state: 'running', stdoutBytes: 0, stderrBytes: 0 },
      ...{ directory: '/srv/u/.local/state/temporal-ssh/j', bootId: 'b' },
      ...status,
    },
    hostKeyFingerprint: 'SHA256:x',
    started: true,
    ...more,
  };
}

/** A job that exited. */
export function exited(exitCode: number, more: Partial<SshJobStatus> = {}): JobReport {
  return report({ state: 'done', exitCode, ...more });
}

/** A failure as the engine has it. */
export function sshError(type: SshFailureType): SshError {
  const details = { stage: 'run', host: 'box', elapsedMs: 1, commandMayHaveRun: true } as const;
  return new SshError(type, { message: `${type} of the test.`, details });
}

/** What a fake client was asked, in order. */
export type Call = readonly [operation: keyof JobClient, ...what: readonly unknown[]];

/** Answers of a fake client; what is not given is never to be asked. */
export interface Answers {
  readonly run?: (request: JobRequest, follower: JobFollower, signal: AbortSignal) => Promise<JobReport>;
  readonly start?: (request: JobRequest) => Promise<JobReport>;
  readonly follow?: (id: string, follower: JobFollower, signal: AbortSignal) => Promise<JobReport>;
  readonly status?: (id: string) => Promise<JobReport>;
  readonly cancel?: JobClient['cancel'];
  readonly cleanUp?: JobClient['cleanUp'];
  readonly sweep?: JobClient['sweep'];
  readonly log?: JobClient['log'];
}

/** The activities on a fake client. */
export interface FakeJobs {
  readonly calls: readonly Call[];
  readonly made: SshActivitiesWithPool;
  /** Runs one attempt of an activity. */
  attempt<T>(name: string, input: unknown, info?: Partial<Info>): Attempt<T>;
}

/** One attempt. */
export interface Attempt<T> {
  readonly result: Promise<T>;
  readonly heartbeats: readonly SshJobHeartbeat[];
  interrupt(
    reason: Parameters<MockActivityEnvironment['cancel']>[0],
    details: ActivityCancellationDetailsOptions
  ): void;
  /** Why the activity was interrupted, as it sees it. */
  readonly reason: unknown;
}

/** Makes the activities on a client that answers as it is told. */
export function fakeJobs(answers: Answers, jobs: SshJobSettings = {}): FakeJobs {
  const calls: Call[] = [];
  const client = (signal: AbortSignal): JobClient =>
    new Proxy({} as JobClient, {
      // A proxy that has everything would be taken for a promise.
      get: (_target, operation: keyof Answers | 'then') =>
        operation === 'then'
          ? undefined
          : async (...what: readonly unknown[]) => {
              calls.push([operation, ...what]);
              const answer = answers[operation] as ((...given: readonly unknown[]) => Promise<unknown>) | undefined;
              if (!answer) throw new Error(`${operation} was not to be asked`);
              return answer(...what, signal);
            },
    });
  const box = { address: '127.0.0.1', user: 'u', credential: { privateKeyFile: key.file }, hostKey: key.fingerprint };
  const made = createSshActivitiesWithPool(
    { hosts: { hosts: { box } }, jobs, metrics: { meter: noopMetricMeter } },
    {
      createJobClient: (_pool, _target, { signal = new AbortController().signal }) => client(signal),
      jobFailure,
    }
  );
  return {
    calls,
    made,
    attempt: <T>(name: string, input: unknown, info: Partial<Info> = {}) => {
      const environment = new MockActivityEnvironment(
        { activityType: name, startToCloseTimeoutMs: 600_000, heartbeatTimeoutMs: 300, ...info },
        { logger: new DefaultLogger('ERROR') }
      );
      const heartbeats: SshJobHeartbeat[] = [];
      environment.on('heartbeat', (details: SshJobHeartbeat) => heartbeats.push(details));
      const activity = made.activities[name as 'sshJob'] as ActivityFunction<[unknown], T>;
      const result: Promise<T> = environment.run<[unknown], T, ActivityFunction<[unknown], T>>(activity, input);
      result.catch(() => undefined);
      return {
        result,
        heartbeats,
        interrupt: (reason, details) => environment.cancel(reason, new ActivityCancellationDetails(details)),
        get reason() {
          return environment.context.cancellationSignal.reason as unknown;
        },
      };
    },
  };
}
