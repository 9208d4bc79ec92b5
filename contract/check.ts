import type { SshFailureDetails } from './failure-details';
import type { SshFailureType } from './failure-types';
import type { SshStepOptions } from './step-options';
import type { SshTimeouts } from './stages';

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

/** Input of the activity `sshCheck`. */
export interface SshCheckInput {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /** Programs that the host has to have, by name or path. @default none */
  readonly programs?: readonly string[];
  /** Deadlines of the stages. @default 30 s for `run`, none for `idle`, the host's own for all others */
  readonly timeouts?: SshTimeouts;
}

/** Result of the activity `sshCheck`. */
export interface SshCheckResult {
  readonly host: string;
  /** SHA-256 fingerprint of the key that the host proved to have, as OpenSSH prints it. */
  readonly hostKeyFingerprint: string;
  /** The remote user who was let in. */
  readonly user: string;
  /** The stages up to the login, all of which went well. */
  readonly stages: readonly SshCheckStage[];
  /** Those of the programs that the user's `PATH` does not have; with `/bin/sh` all of them, where no POSIX shell answered. */
  readonly missing: readonly string[];
}

/** Options of `sshHost(...).check`. */
export interface SshCheckOptions extends Omit<SshCheckInput, 'host'>, SshStepOptions {}
