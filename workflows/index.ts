export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshAbortInput,
  SshApproveInput,
  SshBecome,
  SshCommandInput,
  SshCompensationOutcome,
  SshDecision,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshHostCount,
  SshHostDefaults,
  SshHostSelection,
  SshJobAttachOptions,
  SshJobLogResult,
  SshJobOptions,
  SshJobResult,
  SshJobRunInput,
  SshJobState,
  SshJobStatus,
  SshMaintenance,
  SshMaintenanceOptions,
  SshOnFailure,
  SshOutputEncoding,
  SshProgress,
  SshQuestion,
  SshResolution,
  SshResolveInput,
  SshRollout,
  SshRolloutOptions,
  SshRunbook,
  SshRunbookOptions,
  SshRunbookStep,
  SshRunbookUndo,
  SshRunState,
  SshSkipHostInput,
  SshStage,
  SshStageDurations,
  SshStepOptions,
  SshStepReport,
  SshStepState,
  SshTimeouts,
  SshUndoFailure,
  SshUndoStep,
  SshUpdateInput,
  SshWindow,
} from '../contract';
export { compensating } from './compensating';
export type { CompensatingOptions, RegisterUndo } from './compensating';
export type { UndoOptions } from './undo-stack';
export { sshCommand } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
export type { SshJob, SshJobLogRange } from './ssh-job';
export { sshJobRun } from './ssh-job-run';
export { sshFleetBatch } from './fleet/ssh-fleet-batch';
export { sshMaintenance } from './fleet/ssh-maintenance';
export { sshRollout } from './fleet/ssh-rollout';
export { sshRunbook } from './runbook/ssh-runbook';
