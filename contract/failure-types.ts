import type { SshStage } from './stages';

/** What is fixed about one failure type. */
export interface SshFailureFacts {
  /** Where it usually happens; `any` for those that a lost connection can cause in each stage after `connect`. */
  readonly stage: SshStage | 'any' | 'outcome';
  /** Whether trying again can help. Once a command was sent, this holds for `idempotent` steps only. */
  readonly retryable: boolean;
  /** The end of the command is known: it ran, and this is how it ended. */
  readonly outcomeKnown?: true;
}

/**
 * Every failure type of this package, once. The key is the `type` of the Temporal `ApplicationFailure`; it is stable
 * across releases, and callers match it instead of message text.
 */
export const SSH_FAILURES = {
  SshInvalidOptions: { stage: 'config', retryable: false },
  SshConfigInvalid: { stage: 'config', retryable: false },
  SshConfigUnsupported: { stage: 'config', retryable: false },
  SshHostCoolingDown: { stage: 'config', retryable: true },
  SshHostLookupFailed: { stage: 'config', retryable: true },
  SshUnknownHost: { stage: 'config', retryable: false },
  SshCredentialUnavailable: { stage: 'config', retryable: false },
  SshGateTimeout: { stage: 'config', retryable: true },
  SshGateUnavailable: { stage: 'config', retryable: false },

  SshConnectRefused: { stage: 'connect', retryable: true },
  SshConnectTimeout: { stage: 'connect', retryable: true },
  SshConnectUnreachable: { stage: 'connect', retryable: true },
  SshDnsTemporary: { stage: 'connect', retryable: true },
  SshDnsNotFound: { stage: 'connect', retryable: false },

  SshBannerTimeout: { stage: 'banner', retryable: true },
  SshBannerClosed: { stage: 'banner', retryable: true },
  SshServerBusy: { stage: 'banner', retryable: true },
  SshServerPenalty: { stage: 'banner', retryable: true },
  SshBannerInvalid: { stage: 'banner', retryable: false },
  SshNotSshServer: { stage: 'banner', retryable: false },
  SshVersionUnsupported: { stage: 'banner', retryable: false },

  SshKexTimeout: { stage: 'kex', retryable: true },
  SshNoCommonAlgorithms: { stage: 'kex', retryable: false },
  SshHostKeyMismatch: { stage: 'kex', retryable: false },
  SshHostKeyUnknown: { stage: 'kex', retryable: false },
  SshHostKeyRevoked: { stage: 'kex', retryable: false },
  SshHostKeySignatureInvalid: { stage: 'kex', retryable: false },

  SshAuthTimeout: { stage: 'auth', retryable: true },
  SshAuthFailed: { stage: 'auth', retryable: false },
  SshAuthKeyUnusable: { stage: 'auth', retryable: false },
  SshAuthPasswordExpired: { stage: 'auth', retryable: false },

  SshChannelTimeout: { stage: 'channel', retryable: true },
  SshChannelOpenFailed: { stage: 'channel', retryable: true },
  SshChannelResourceShortage: { stage: 'channel', retryable: true },
  SshChannelRefused: { stage: 'channel', retryable: false },

  SshExecTimeout: { stage: 'exec', retryable: true },
  SshExecRefused: { stage: 'exec', retryable: false, outcomeKnown: true },
  SshPtyRefused: { stage: 'exec', retryable: false, outcomeKnown: true },

  SshExitStatus: { stage: 'run', retryable: false, outcomeKnown: true },
  SshExitSignal: { stage: 'run', retryable: false, outcomeKnown: true },
  SshExitStatusMissing: { stage: 'run', retryable: true },
  SshRunTimeout: { stage: 'run', retryable: true },
  SshIdleTimeout: { stage: 'run', retryable: true },
  SshBootIdUnchanged: { stage: 'run', retryable: true },
  SshUnhealthy: { stage: 'run', retryable: true },

  SshBecomeFailed: { stage: 'exec', retryable: false },
  SshJobNoAnswer: { stage: 'run', retryable: false },
  SshJobUnsupported: { stage: 'run', retryable: false },
  SshJobUnsafeDirectory: { stage: 'run', retryable: false },
  SshJobNoSpace: { stage: 'run', retryable: true },
  SshJobReadOnly: { stage: 'run', retryable: true },
  SshJobStartFailed: { stage: 'run', retryable: false },
  SshJobHostRebooted: { stage: 'run', retryable: false },
  SshJobConflict: { stage: 'run', retryable: false },
  SshJobNotFound: { stage: 'run', retryable: false },
  SshJobGone: { stage: 'run', retryable: false },
  SshJobStillRunning: { stage: 'run', retryable: true },
  SshJobTampered: { stage: 'run', retryable: false },
  SshJobLost: { stage: 'run', retryable: false },
  SshJobLostByReboot: { stage: 'run', retryable: false, outcomeKnown: true },
  SshJobDeadline: { stage: 'run', retryable: false, outcomeKnown: true },
  SshJobLogLimit: { stage: 'run', retryable: false, outcomeKnown: true },
  SshJobLeaseExpired: { stage: 'run', retryable: false, outcomeKnown: true },
  SshJobCancelled: { stage: 'run', retryable: false, outcomeKnown: true },
  SshJobCancelIncomplete: { stage: 'run', retryable: false },

  SshTransferUnsupported: { stage: 'exec', retryable: false },
  SshTransferNotAllowed: { stage: 'config', retryable: false },
  SshTransferSourceNotFound: { stage: 'config', retryable: false },
  SshTransferSourceUnavailable: { stage: 'config', retryable: true },
  SshTransferSourceChanged: { stage: 'run', retryable: true },
  SshTransferChecksumMismatch: { stage: 'run', retryable: false },
  SshTransferSinkFailed: { stage: 'run', retryable: true },
  SshTransferNotFound: { stage: 'run', retryable: false },
  SshTransferPermissionDenied: { stage: 'run', retryable: false },
  SshTransferTargetUnsuitable: { stage: 'run', retryable: false },
  SshTransferNoSpace: { stage: 'run', retryable: false },
  SshTransferQuotaExceeded: { stage: 'run', retryable: false },
  SshTransferReadOnly: { stage: 'run', retryable: false },
  SshTransferTooLarge: { stage: 'run', retryable: false },
  SshTransferTooManyDeletes: { stage: 'run', retryable: false },
  SshTransferCorrupted: { stage: 'run', retryable: true },
  SshTransferValidateFailed: { stage: 'run', retryable: false },
  SshTransferFailed: { stage: 'run', retryable: true },

  SshConnectionLost: { stage: 'any', retryable: true },
  SshDisconnected: { stage: 'any', retryable: true },
  SshProtocolError: { stage: 'any', retryable: true },

  SshOutcomeUnknown: { stage: 'outcome', retryable: false },
  SshRunFailed: { stage: 'outcome', retryable: false },
  SshRunAborted: { stage: 'outcome', retryable: false },
  SshTooManyFailures: { stage: 'outcome', retryable: false },
  SshWindowClosed: { stage: 'outcome', retryable: false },
  SshCompensated: { stage: 'outcome', retryable: true },
  SshUnreachable: { stage: 'outcome', retryable: false },
  SshGateLost: { stage: 'outcome', retryable: false },
  SshCompensationFailed: { stage: 'outcome', retryable: false },
} as const satisfies Record<string, SshFailureFacts>;

/** The `type` of a failure of this package. */
export type SshFailureType = keyof typeof SSH_FAILURES;

/** All failure types, in the order of the stages. */
export const SSH_FAILURE_TYPES = Object.keys(SSH_FAILURES) as readonly SshFailureType[];

/** Tells whether a string, usually `ApplicationFailure.type`, is one of our failure types. */
export function isSshFailureType(type: unknown): type is SshFailureType {
  return typeof type === 'string' && Object.hasOwn(SSH_FAILURES, type);
}

/** The facts of a type, widened so that the optional ones can be asked of any type. */
export function failureFacts(type: SshFailureType): SshFailureFacts {
  return SSH_FAILURES[type];
}
