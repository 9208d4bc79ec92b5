import { failureFacts } from '../contract';
import type { SshExecResult, SshFailureDetails, SshFailureType } from '../contract';

/** What an {@link SshError} is made of. */
export interface SshErrorOptions {
  readonly message: string;
  readonly details: SshFailureDetails;
  /** What the command left, when it ran to an end that is no success. */
  readonly result?: SshExecResult;
  readonly cause?: unknown;
}

const MARK = Symbol.for('temporal-ssh.SshError');

/**
 * The one error of the SSH engine. Match on {@link type}, never on the message.
 *
 * `instanceof` also holds across two copies of this package.
 */
export class SshError extends Error {
  /** Stable across releases; one of the types in `docs/failures.md`. */
  readonly type: SshFailureType;
  /** Stage, host, limit, elapsed time and what the server said. */
  readonly details: SshFailureDetails;
  /** Whether trying again can help. After a command was sent it may run twice then: that is for the caller to weigh. */
  readonly retryable: boolean;
  /** Set for `SshExitStatus` and `SshExitSignal`: output and stages, in the shape of a success. */
  readonly result: SshExecResult | undefined;
  /** The host is left alone for so long, in milliseconds: an earlier try cannot succeed. */
  retryAfterMs: number | undefined;

  constructor(type: SshFailureType, { message, details, result, cause }: SshErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SshError';
    this.type = type;
    this.details = details;
    this.retryable = failureFacts(type).retryable;
    this.result = result;
    Object.defineProperty(this, MARK, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** A failure of stage `config`: found on the worker, nothing was sent. */
export function configError(
  type: Extract<
    SshFailureType,
    | 'SshInvalidOptions'
    | 'SshConfigInvalid'
    | 'SshConfigUnsupported'
    | 'SshHostLookupFailed'
    | 'SshUnknownHost'
    | 'SshCredentialUnavailable'
    | 'SshAuthKeyUnusable'
    | 'SshTransferNotAllowed'
  >,
  host: string,
  message: string,
  cause?: unknown
): SshError {
  const details = { stage: 'config', host, elapsedMs: 0, commandMayHaveRun: false } as const;
  return new SshError(type, { message, details, cause });
}
