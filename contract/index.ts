export type { SshCheckInput, SshCheckOptions, SshCheckReport, SshCheckResult, SshCheckStage } from './check';
export { answerCommand, shellWord } from './answer-command';
export { commandLine, commandProblem, envProblems, isEnvName, quoteArgument, utf8Bytes } from './command';
export type { SshCompensationOutcome, SshUndoFailure, SshUndoStep } from './compensation';
export { DURATION_EXPECTED, parseDuration, resolveDeadlines, setUpLimitMs } from './durations';
export type { SshExecHeartbeat, SshExecInput, SshExecResult, SshOutputEncoding, SshStageDurations } from './exec';
export { EXEC_FIELDS, execProblems } from './exec-problems';
export type { SshFailureDetails } from './failure-details';
export { isSha256 } from './file-checks';
export { downloadProblems, putFileProblems, syncProblems, uploadProblems } from './file-problems';
export { SSH_FAILURE_TYPES, SSH_FAILURES, failureFacts, isSshFailureType } from './failure-types';
export type { SshFailureFacts, SshFailureType } from './failure-types';
export type {
  SshHealthyHeartbeat,
  SshHealthyInput,
  SshHealthyOptions,
  SshHealthyResult,
  SshUnhealthyDetails,
} from './healthy';
export {
  SSH_GATE_EVICT,
  SSH_GATE_GRANTED,
  SSH_GATE_LOST,
  SSH_GATE_RELEASE,
  SSH_GATE_RENEW,
  SSH_GATE_REQUEST,
  SSH_GATE_STATE,
  SSH_GATE_WORKFLOW,
  sshGateWorkflowId,
} from './gate';
export type {
  SshGateEvictInput,
  SshGateEviction,
  SshGateGrant,
  SshGateHolder,
  SshGateHoldersInput,
  SshGateHoldersResult,
  SshGateInput,
  SshGateLease,
  SshGateLoss,
  SshGateMode,
  SshGateOptions,
  SshGateRenewal,
  SshGateRequest,
  SshGateRequestInput,
  SshGateSettings,
  SshGateState,
  SshGateWaiter,
} from './gate';
export { gateNameProblems, gateOptionProblems, gateRequestInputProblems, gateRequestProblems } from './gate-problems';
export {
  JOB_FIELDS,
  JOB_START_FIELDS,
  jobCancelProblems,
  jobLogProblems,
  jobProblems,
  jobReferenceProblems,
} from './job-problems';
export {
  DEFAULT_HEARTBEAT_TIMEOUT_MS,
  DEFAULT_KILL_GRACE_MS,
  DEFAULT_MAX_OUTPUT_BYTES,
  FAILURE_TAIL_BYTES,
  MAX_COMMAND_BYTES,
  MAX_CONTENT_BYTES,
  MAX_ENV_BYTES,
  MAX_FILE_NAME_BYTES,
  MAX_JOB_LOG_BYTES,
  MAX_OUTPUT_BYTES,
  MAX_PATH_BYTES,
  MAX_RESULT_BYTES,
  MAX_SERVER_TEXT,
  MAX_STDIN_BYTES,
} from './limits';
export type { SshListedHost, SshListHostsInput, SshListHostsOptions, SshListHostsResult } from './list-hosts';
export { checkProblems, healthyProblems, listHostsProblems, reachableProblems } from './look-problems';
export { describeProblems, kindOf, show } from './option-problem';
export type { OptionProblem } from './option-problem';
export type {
  SshReachableInput,
  SshReachableResult,
  SshRebootOptions,
  SshRebootResult,
  SshWaitOptions,
} from './reachable';
export { remoteCommand } from './remote-command';
export { sshFailureOf } from './ssh-failure';
export type { SshFailure } from './ssh-failure';
export { DEFAULT_DEADLINES, SSH_STAGES, TIMEOUT_NAMES } from './stages';
export type { SshDeadlines, SshStage, SshTimeouts } from './stages';
export type {
  SshCommandInput,
  SshExecOptions,
  SshHostDefaults,
  SshJobAttachOptions,
  SshJobOptions,
  SshJobRunInput,
  SshStepOptions,
} from './step-options';
export { SSH_JOB_STATES } from './job';
export type {
  SshBecome,
  SshJobCancelInput,
  SshJobEndReason,
  SshJobFollowOptions,
  SshJobGuards,
  SshJobHeartbeat,
  SshJobInput,
  SshJobLogInput,
  SshJobLogResult,
  SshJobOutputOptions,
  SshJobReference,
  SshJobResult,
  SshJobSpec,
  SshJobState,
  SshJobStatus,
  SshJobStream,
} from './job';
export { SSH_PROGRESS_QUERY, SSH_RUN_UPDATES } from './progress';
export type {
  SshAbortInput,
  SshApproveInput,
  SshDecision,
  SshFleetCounts,
  SshFleetHost,
  SshHostStepReport,
  SshProgress,
  SshQuestion,
  SshResolution,
  SshResolveInput,
  SshRunState,
  SshRunUpdate,
  SshSkipHostInput,
  SshStepReport,
  SshStepState,
  SshUpdateInput,
} from './progress';
export { SSH_STEP_KINDS } from './runbook';
export type {
  SshApproveStep,
  SshDownloadStep,
  SshExecStep,
  SshHealthyStep,
  SshHostSelection,
  SshJobStep,
  SshOnFailure,
  SshPutFileStep,
  SshReachableStep,
  SshRebootStep,
  SshRunbook,
  SshRunbookOptions,
  SshRunbookStep,
  SshRunbookStepBase,
  SshRunbookUndo,
  SshSleepStep,
  SshStepEnd,
  SshStepKind,
  SshSyncStep,
  SshTextTest,
  SshUploadStep,
  SshWhen,
} from './runbook';
export { undoStepProblems } from './runbook-checks';
export { parseMoment, runbookOptionProblems, runbookProblems, stepKindOf } from './runbook-problems';
export { parseRootPath } from './source-checks';
export { isStepOption, stepProblems } from './step-problems';
export { fillTemplate, templateNames, templateProblems } from './template';
export { maintenanceProblems, rolloutOptionProblems, rolloutProblems } from './fleet-problems';
export type { SshMaintenance, SshMaintenanceOptions, SshWindow } from './maintenance';
export type { SshHostCount, SshOnBudgetExceeded, SshRollout, SshRolloutOptions, SshRolloutSteps } from './rollout';
export { SSH_TRANSFER_KINDS } from './files';
export type {
  SshDownloadInput,
  SshDownloadOptions,
  SshFileSink,
  SshFileSource,
  SshNamedSink,
  SshNamedSource,
  SshPlacing,
  SshPutFileInput,
  SshPutFileOptions,
  SshRootPath,
  SshSyncInput,
  SshSyncOptions,
  SshSyncResult,
  SshTemplateValue,
  SshTransferHeartbeat,
  SshTransferInput,
  SshTransferResult,
  SshTransferRunInput,
  SshTransferSpec,
  SshTransferWay,
  SshUploadInput,
  SshUploadOptions,
  SshUrlSource,
} from './files';
