export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshCommandInput,
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
} from '../contract';
export { compensating } from './compensating';
export type { CompensationOutcome, RegisterUndo } from './compensating';
export { sshCommand } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
export type { SshJob, SshJobLogRange } from './ssh-job';
export { sshJobRun } from './ssh-job-run';
