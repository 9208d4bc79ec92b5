export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshCommandInput,
  SshCompensationOutcome,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshBecome,
  SshHostDefaults,
  SshJobAttachOptions,
  SshJobLogResult,
  SshJobOptions,
  SshJobResult,
  SshJobRunInput,
  SshJobState,
  SshJobStatus,
  SshOutputEncoding,
  SshStage,
  SshStageDurations,
  SshStepOptions,
  SshTimeouts,
  SshUndoFailure,
  SshUndoStep,
} from '../contract';
export { compensating } from './compensating';
export type { CompensatingOptions, RegisterUndo } from './compensating';
export type { UndoOptions } from './undo-stack';
export { sshCommand } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
export type { SshJob, SshJobLogRange } from './ssh-job';
export { sshJobRun } from './ssh-job-run';
