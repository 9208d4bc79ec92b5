// The workflows that `temporal-ssh worker` serves. Every function that this file exports becomes a workflow type.
export { sshHostGate } from './gate/ssh-host-gate';
export { sshCommand } from './ssh-command';
export { sshJobRun } from './ssh-job-run';
