export { createSshActivities, createSshActivitiesWithPool } from './create-ssh-activities';
export type { SshActivities, SshActivitiesWithPool } from './create-ssh-activities';
export type { SshExec } from './ssh-exec';
export type { SshOptions } from './ssh-options';
