export { SSH_HISTOGRAM_BUCKETS, SSH_METRICS, createSshActivities } from '../activities';
export type {
  SshActivities,
  SshCheck,
  SshExec,
  SshHealthy,
  SshGateHolders,
  SshGateRequestActivity,
  SshJob,
  SshJobCancel,
  SshJobCleanup,
  SshJobLog,
  SshJobSettings,
  SshJobStatusActivity,
  SshListHosts,
  SshMetric,
  SshMetricName,
  SshMetricsOptions,
  SshOptions,
  SshReachable,
} from '../activities';
export type {
  AgentCredential,
  Credential,
  HostConfig,
  HostDefaults,
  HostLookup,
  HostsFile,
  HostsSource,
  KeyboardInteractiveAnswer,
  SecretSource,
  StrictHostKeyChecking,
} from '../ssh/hosts';
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
export type { PoolOptions } from '../ssh/pool/pool-options';
export { SshError } from '../ssh/ssh-error';
export type { SshErrorOptions } from '../ssh/ssh-error';
export { createSshWorker } from './create-ssh-worker';
export type { SshWorkerOptions } from './create-ssh-worker';
export { SshPlugin } from './ssh-plugin';
export type { SshPluginOptions } from './ssh-plugin';
