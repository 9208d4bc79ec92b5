export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshOutputEncoding,
  SshStage,
  SshStageDurations,
  SshTimeouts,
} from '../contract';
export { compensating } from './compensating';
export type { CompensationOutcome, RegisterUndo } from './compensating';
export type { SshExecOptions, SshHostDefaults, SshStepOptions } from './exec-options';
export { sshCommand } from './ssh-command';
export type { SshCommandInput } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
