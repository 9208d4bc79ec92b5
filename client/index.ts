export { isSshFailureType, sshFailureOf } from '../contract';
export type {
  SshCommandInput,
  SshExecOptions,
  SshExecResult,
  SshFailure,
  SshFailureDetails,
  SshFailureType,
} from '../contract';
export { startSshCommand } from './start-ssh-command';
export type { SshCommandWorkflow, StartSshCommandOptions } from './start-ssh-command';
export { watchSteps } from './watch-steps';
export type { StepRetry, WatchStepsOptions } from './watch-steps';
