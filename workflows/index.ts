export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshAbortInput,
  SshApproveInput,
  SshBecome,
  SshCheckOptions,
  SshCheckResult,
  SshCommandInput,
  SshCompensationOutcome,
  SshDecision,
  SshDownloadOptions,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshFileSink,
  SshFileSource,
  SshGateInput,
  SshGateMode,
  SshGateOptions,
  SshGateSettings,
  SshHealthyOptions,
  SshHealthyResult,
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
  SshListedHost,
  SshListHostsInput,
  SshListHostsOptions,
  SshMaintenance,
  SshMaintenanceOptions,
  SshNamedSink,
  SshNamedSource,
  SshOnFailure,
  SshOutputEncoding,
  SshPlacing,
  SshProgress,
  SshPutFileOptions,
  SshQuestion,
  SshReachableResult,
  SshRebootOptions,
  SshRebootResult,
  SshResolution,
  SshResolveInput,
  SshRollout,
  SshRolloutOptions,
  SshRootPath,
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
  SshSyncOptions,
  SshSyncResult,
  SshTemplateValue,
  SshTimeouts,
  SshTransferInput,
  SshTransferResult,
  SshTransferRunInput,
  SshTransferWay,
  SshUndoFailure,
  SshUndoStep,
  SshUnhealthyDetails,
  SshUpdateInput,
  SshUploadOptions,
  SshUrlSource,
  SshWaitOptions,
  SshWindow,
} from '../contract';
export type { CompensatingOptions, RegisterUndo } from './compensating';
export type { UndoOptions } from './undo-stack';
export { compensating } from './compensating';
export { listSshHosts } from './list-ssh-hosts';
export { sshHostGate } from './gate/ssh-host-gate';
export { withHost, withHosts } from './gate/with-host';
export type { GatedHost } from './gate/with-host';
export type { SshHostLease } from './gate/gate-lease';
export { sshCommand } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
export type { SshHostFiles } from './transfer-files';
export type { SshJob, SshJobLogRange } from './ssh-job';
export { sshJobRun } from './ssh-job-run';
export { sshFleetBatch } from './fleet/ssh-fleet-batch';
export { sshMaintenance } from './fleet/ssh-maintenance';
export { sshRollout } from './fleet/ssh-rollout';
export { sshRunbook } from './runbook/ssh-runbook';
export { sshTransfer } from './ssh-transfer';
export { whenUnknown } from './when-unknown';
export type { WhenUnknownOptions } from './when-unknown';
