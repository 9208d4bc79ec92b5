import type { SshFailureDetails } from './failure-details';
import type { SshFailureType } from './failure-types';

/** One stage of a check. */
export interface SshCheckStage {
  readonly stage: 'config' | 'connect' | 'banner' | 'kex' | 'auth';
  /** How long it took, in milliseconds; the stage that failed has it too. */
  readonly ms: number;
  readonly ok: boolean;
}

/** What a check of a host found: everything up to the first failure. */
export interface SshCheckReport {
  readonly host: string;
  readonly ok: boolean;
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  readonly stages: readonly SshCheckStage[];
  /** The server's identification line (RFC 4253 section 4.2). */
  readonly identification?: string;
  readonly hostKey?: {
    readonly type: string;
    /** SHA-256, as OpenSSH prints it. */
    readonly fingerprint: string;
    readonly trusted: boolean;
    /** By what it is trusted, or why it is not. */
    readonly reason: string;
  };
  readonly algorithms?: {
    readonly kex: string;
    readonly serverHostKey: string;
    readonly cipher: string;
    readonly mac: string;
  };
  /** The authentication methods that the server offers to this user. */
  readonly authMethods?: readonly string[];
  /** What the server shows before the login, cleaned and cut. */
  readonly authBanner?: string;
  readonly failure?: {
    readonly type: SshFailureType;
    readonly message: string;
    readonly meaning: string;
    readonly next: string;
    readonly retryable: boolean;
    readonly details: SshFailureDetails;
  };
}
