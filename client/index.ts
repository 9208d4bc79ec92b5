export { isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshAbortInput,
  SshApproveInput,
  SshCommandInput,
  SshCompensationOutcome,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshGateEvictInput,
  SshGateEviction,
  SshGateHolder,
  SshGateLease,
  SshGateMode,
  SshGateState,
  SshGateWaiter,
  SshJobResult,
  SshJobRunInput,
  SshMaintenance,
  SshMaintenanceOptions,
  SshProgress,
  SshResolveInput,
  SshRollout,
  SshRolloutOptions,
  SshRunbook,
  SshRunbookOptions,
  SshSkipHostInput,
  SshSyncResult,
  SshTransferHeartbeat,
  SshTransferResult,
  SshTransferRunInput,
  SshUpdateInput,
} from '../contract';
export { evictFromSshGate, sshGateState } from './ssh-gate';
export { startSshCommand } from './start-ssh-command';
export type { SshCommandWorkflow, StartSshCommandOptions } from './start-ssh-command';
export { startSshJob } from './start-ssh-job';
export type { SshJobWorkflow, StartSshJobOptions } from './start-ssh-job';
export { sshRunOutcomeOf } from './ssh-run-outcome';
export type { SshRunEnd, SshRunOutcome } from './ssh-run-outcome';
export {
  SSH_RUN_WORKFLOWS,
  slug,
  sshRunStart,
  startSshMaintenance,
  startSshRollout,
  startSshRunbook,
} from './start-ssh-run';
export type {
  SshMaintenanceWorkflow,
  SshRolloutWorkflow,
  SshRunKind,
  SshRunbookWorkflow,
  StartSshMaintenanceOptions,
  StartSshRolloutOptions,
  StartSshRunbookOptions,
} from './start-ssh-run';
export { startSshTransfer } from './start-ssh-transfer';
export type { SshTransferWorkflow, StartSshTransferOptions } from './start-ssh-transfer';
export type { SshStart, SshStartOptions } from './start-ssh-workflow';
export {
  abortSshRun,
  approveSshRun,
  pauseSshRun,
  resolveSshRun,
  resumeSshRun,
  skipSshHost,
  sshProgress,
  updateSshRun,
} from './update-ssh-run';
export type { SshRunQueryHandle, SshRunUpdateHandle } from './update-ssh-run';
export { watchSshRun } from './watch-ssh-run';
export type { WatchSshRunOptions } from './watch-ssh-run';
export { watchTransfer } from './watch-transfer';
export type { WatchTransferOptions } from './watch-transfer';
export { watchSteps } from './watch-steps';
export type { StepRetry, WatchStepsOptions } from './watch-steps';
