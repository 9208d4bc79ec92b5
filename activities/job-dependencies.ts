import type { jobFailure } from '../ssh/job/job-end';
import type { CreateJobClient } from '../ssh/job/job-client';
import type { ConnectionPool } from '../ssh/pool/connection-pool';
import type { TargetResolver } from '../ssh/target';
import type { JobJanitor } from './job-janitor';
import type { JobLimits } from './job-settings';
import type { StepTelemetry } from './ssh-metrics';

/** The engine's side of jobs. */
export interface JobEngine {
  readonly createJobClient: CreateJobClient;
  readonly jobFailure: typeof jobFailure;
}

/** What the activities for jobs work with. */
export interface JobDependencies extends JobEngine {
  readonly resolve: TargetResolver;
  readonly pool: ConnectionPool;
  readonly telemetry: Pick<StepTelemetry, 'attemptEnded'>;
  readonly limits: JobLimits;
  readonly janitor: Pick<JobJanitor, 'done'>;
}
