export { isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshCommandInput,
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
} from '../contract';
export { evictFromSshGate, sshGateState } from './ssh-gate';
export { startSshCommand } from './start-ssh-command';
export type { SshCommandWorkflow, StartSshCommandOptions } from './start-ssh-command';
export { startSshJob } from './start-ssh-job';
export type { SshJobWorkflow, StartSshJobOptions } from './start-ssh-job';
export { watchSteps } from './watch-steps';
export type { StepRetry, WatchStepsOptions } from './watch-steps';
