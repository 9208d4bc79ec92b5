// The workflows that `temporal-ssh worker` serves. Every function that this file exports becomes a workflow type.
export { sshHostGate } from './gate/ssh-host-gate';
export { sshCommand } from './ssh-command';
export { sshTransfer } from './ssh-transfer';
export { sshJobRun } from './ssh-job-run';
export { sshRunbook } from './runbook/ssh-runbook';
export { sshFleetBatch } from './fleet/ssh-fleet-batch';
export { sshMaintenance } from './fleet/ssh-maintenance';
export { sshRollout } from './fleet/ssh-rollout';
