export { createSshActivities, createSshActivitiesWithPool } from './create-ssh-activities';
export type { SshActivities, SshActivitiesWithPool } from './create-ssh-activities';
export { SSH_HISTOGRAM_BUCKETS, SSH_METRICS } from './metric-table';
export type { SshMetric, SshMetricName } from './metric-table';
export type { SshCheck } from './ssh-check';
export type { SshDownload } from './ssh-download';
export type { SshExec } from './ssh-exec';
export type { SshHealthy } from './ssh-healthy';
export type { SshGateHolders } from './ssh-gate-holders';
export type { SshGateRequestActivity } from './ssh-gate-request';
export type { SshJobSettings } from './job-settings';
export type { SshJob } from './ssh-job';
export type { SshJobCancel } from './ssh-job-cancel';
export type { SshJobCleanup } from './ssh-job-cleanup';
export type { SshJobLog } from './ssh-job-log';
export type { SshJobStatusActivity } from './ssh-job-status';
export type { SshListHosts } from './ssh-list-hosts';
export type { SshMetricsOptions } from './ssh-metrics';
export type { SshOptions } from './ssh-options';
export type { SshPutFile } from './ssh-put-file';
export type { SshReachable } from './ssh-reachable';
export type { SshSync } from './ssh-sync';
export type { SshUpload } from './ssh-upload';
export type {
  SshFileSinkFunction,
  SshFileSourceFunction,
  SshFilesOptions,
  SshFilesRoot,
  SshHttpsOptions,
  SshSinkRequest,
  SshSourceContent,
  SshSourceRequest,
  SshTemplateSecret,
} from '../ssh/files/local/files-options';
