export { createSshActivities, createSshActivitiesWithPool } from './create-ssh-activities';
export type { SshActivities, SshActivitiesWithPool } from './create-ssh-activities';
export { SSH_HISTOGRAM_BUCKETS, SSH_METRICS } from './metric-table';
export type { SshMetric, SshMetricName } from './metric-table';
export type { SshExec } from './ssh-exec';
export type { SshMetricsOptions } from './ssh-metrics';
export type { SshOptions } from './ssh-options';
