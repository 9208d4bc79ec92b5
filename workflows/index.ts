export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshCommandInput,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshGateInput,
  SshGateMode,
  SshGateOptions,
  SshGateSettings,
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
export { sshHostGate } from './gate/ssh-host-gate';
export { withHost, withHosts } from './gate/with-host';
export type { GatedHost } from './gate/with-host';
export type { SshHostLease } from './gate/gate-lease';
export { sshCommand } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
export type { SshJob, SshJobLogRange } from './ssh-job';
export { sshJobRun } from './ssh-job-run';
