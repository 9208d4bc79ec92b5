export { SSH_FAILURE_TYPES, isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshBecome,
  SshCheckOptions,
  SshCheckResult,
  SshCommandInput,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
  SshHealthyOptions,
  SshHealthyResult,
  SshHostDefaults,
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
  SshOutputEncoding,
  SshReachableResult,
  SshRebootOptions,
  SshRebootResult,
  SshStage,
  SshStageDurations,
  SshStepOptions,
  SshTimeouts,
  SshUnhealthyDetails,
  SshWaitOptions,
} from '../contract';
export { compensating } from './compensating';
export type { CompensationOutcome, RegisterUndo } from './compensating';
export { listSshHosts } from './list-ssh-hosts';
export { sshCommand } from './ssh-command';
export { sshHost } from './ssh-host';
export type { SshHost } from './ssh-host';
export type { SshJob, SshJobLogRange } from './ssh-job';
export { sshJobRun } from './ssh-job-run';
