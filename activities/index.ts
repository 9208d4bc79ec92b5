export { createSshActivities } from './create-ssh-activities';
export type { SshActivities } from './create-ssh-activities';
export type { SshExec } from './ssh-exec';
export type { SshOptions } from './ssh-options';
