import { noopMetricMeter } from '@temporalio/common';
import { createJobClient } from '../ssh/job/create-job-client';
import { jobFailure } from '../ssh/job/job-end';
import { downloadFile } from '../ssh/files/download-file';
import { LocalFiles } from '../ssh/files/local/local-files';
import { syncDirectory } from '../ssh/files/sync/sync-directory';
import { uploadFile } from '../ssh/files/upload-file';
import { createHostDirectory } from '../ssh/hosts';
import { ConnectionPool } from '../ssh/pool/connection-pool';
import { poolLimits } from '../ssh/pool/pool-options';
import type { LookDependencies } from './attempt-look';
import type { JobDependencies, JobEngine } from './job-dependencies';
import { JobJanitor } from './job-janitor';
import { jobLimits } from './job-settings';
import { createSshCheck } from './ssh-check';
import type { SshCheck } from './ssh-check';
import { sshGateHolders } from './ssh-gate-holders';
import type { SshGateHolders } from './ssh-gate-holders';
import { sshGateRequest } from './ssh-gate-request';
import type { SshGateRequestActivity } from './ssh-gate-request';
import { createSshExec } from './ssh-exec';
import type { SshExec } from './ssh-exec';
import { createSshHealthy } from './ssh-healthy';
import type { SshHealthy } from './ssh-healthy';
import { createSshJob } from './ssh-job';
import type { SshJob } from './ssh-job';
import { createSshJobCancel } from './ssh-job-cancel';
import type { SshJobCancel } from './ssh-job-cancel';
import { createSshJobCleanup } from './ssh-job-cleanup';
import type { SshJobCleanup } from './ssh-job-cleanup';
import { createSshJobLog } from './ssh-job-log';
import type { SshJobLog } from './ssh-job-log';
import { createSshJobStatus } from './ssh-job-status';
import type { SshJobStatusActivity } from './ssh-job-status';
import { createSshListHosts } from './ssh-list-hosts';
import type { SshListHosts } from './ssh-list-hosts';
import { createSshMetrics } from './ssh-metrics';
import { drainMs } from './ssh-options';
import type { SshOptions } from './ssh-options';
import { createSshDownload } from './ssh-download';
import type { SshDownload } from './ssh-download';
import { createSshPutFile } from './ssh-put-file';
import type { SshPutFile } from './ssh-put-file';
import { createSshReachable } from './ssh-reachable';
import type { SshReachable } from './ssh-reachable';
import { createSshSync } from './ssh-sync';
import type { SshSync } from './ssh-sync';
import { createSshUpload } from './ssh-upload';
import type { SshUpload } from './ssh-upload';
import type { TransferDependencies, TransferEngine } from './transfer-dependencies';

/** The activities by their names, as a worker registers them. */
export interface SshActivities {
  readonly sshExec: SshExec;
  readonly sshJob: SshJob;
  readonly sshJobStatus: SshJobStatusActivity;
  readonly sshJobLog: SshJobLog;
  readonly sshJobCancel: SshJobCancel;
  readonly sshJobCleanup: SshJobCleanup;
  readonly sshReachable: SshReachable;
  readonly sshHealthy: SshHealthy;
  readonly sshListHosts: SshListHosts;
  readonly sshCheck: SshCheck;
  readonly sshUpload: SshUpload;
  readonly sshDownload: SshDownload;
  readonly sshPutFile: SshPutFile;
  readonly sshSync: SshSync;
  readonly sshGateRequest: SshGateRequestActivity;
  readonly sshGateHolders: SshGateHolders;
}

/** The activities with what they hold. */
export interface SshActivitiesWithPool {
  readonly activities: SshActivities;
  /** Closes all connections. The activities can be used again afterwards. */
  close(): Promise<void>;
}

/**
 * Makes the activities as a plain object, for `Worker.create({ activities })` without the plugin, or for Temporal's
 * `MockActivityEnvironment`. Credentials stay in its closure: no payload ever holds one.
 *
 * Connections that nothing uses end after `pool.idle`; they are no reason for a process to go on.
 *
 * @throws {@link SshError} `SshConfigInvalid` or `SshConfigUnsupported` with everything that is wrong, if the hosts are a
 * file or an object.
 */
export function createSshActivities(options: SshOptions): SshActivities {
  return createSshActivitiesWithPool(options).activities;
}

const ENGINE: JobEngine & TransferEngine = { createJobClient, jobFailure, uploadFile, downloadFile, syncDirectory };

/** Like {@link createSshActivities}, for who can tell when the connections are not needed any more. */
export function createSshActivitiesWithPool(
  options: SshOptions,
  changed: Partial<JobEngine & TransferEngine> = {}
): SshActivitiesWithPool {
  const directory = createHostDirectory(options.hosts);
  const { resolve } = directory;
  const telemetry = createSshMetrics(options.metrics?.meter ?? noopMetricMeter, options.metrics);
  const pool = new ConnectionPool(poolLimits(options.pool), telemetry);
  const { createJobClient: jobClient, jobFailure: failureOfJob, ...transfers } = { ...ENGINE, ...changed };
  const shared = {
    createJobClient: jobClient,
    jobFailure: failureOfJob,
    resolve,
    pool,
    limits: jobLimits(options.jobs),
  };
  const janitor = new JobJanitor(shared);
  const jobs: JobDependencies = { ...shared, telemetry, janitor };
  const looks: LookDependencies = { resolve, pool, telemetry };
  const files: TransferDependencies = { ...transfers, ...looks, telemetry, files: new LocalFiles(options.files) };
  return {
    activities: {
      sshExec: createSshExec({ resolve, pool, telemetry, drainMs: drainMs(options), jobs }),
      sshJob: createSshJob(jobs),
      sshJobStatus: createSshJobStatus(jobs),
      sshJobLog: createSshJobLog(jobs),
      sshJobCancel: createSshJobCancel(jobs),
      sshJobCleanup: createSshJobCleanup(jobs),
      sshReachable: createSshReachable(looks),
      sshHealthy: createSshHealthy(looks),
      sshListHosts: createSshListHosts(directory, telemetry),
      sshCheck: createSshCheck(looks),
      sshUpload: createSshUpload(files),
      sshDownload: createSshDownload(files),
      sshPutFile: createSshPutFile(files),
      sshSync: createSshSync(files),
      sshGateRequest,
      sshGateHolders,
    },
    close: async () => {
      await janitor.close();
      await pool.close();
    },
  };
}
