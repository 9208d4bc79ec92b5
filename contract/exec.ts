import type { SshTimeouts } from './stages';

/** How the bytes of stdout and stderr are represented in a result. */
export type SshOutputEncoding = 'utf8' | 'base64';

/** Input of the activity `sshExec`: plain JSON, so that a workflow in any language can call it. */
export interface SshExecInput {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /**
   * The command line for the login shell of the remote user, or a list of arguments that is quoted for a POSIX shell.
   */
  readonly command: string | readonly string[];
  /** Deadlines; what is not given comes from the host, then from the defaults. */
  readonly timeouts?: SshTimeouts;
  /** Running the command twice does no harm, so that it may be sent again after any failure. @default false */
  readonly idempotent?: boolean;
  /**
   * Runs the command as a job of this id, which runs at most once however often it is sent: a retry finds the first run
   * and its result. `timeouts.run` then is a deadline that the host keeps (`SshJobDeadline`), and `/bin/sh` runs the
   * command, not the login shell. Not together with {@link pty} or {@link idempotent}. @default attached, not a job
   */
  readonly once?: string;
  /** Sent to the command's standard input as UTF-8, followed by end of file. @default end of file at once */
  readonly stdin?: string;
  /** Environment variables of the command; no secrets, since they become part of the workflow's history. */
  readonly env?: Readonly<Record<string, string>>;
  /** The directory in which the command runs. @default the login directory */
  readonly cwd?: string;
  /** Asks for a pseudo-terminal; stdout and stderr then arrive as one stream. @default false */
  readonly pty?: boolean;
  /** Exit codes that are a result and not a failure. @default [0] */
  readonly okExitCodes?: readonly number[];
  /** How much of each stream is kept, in bytes. @default 65536 */
  readonly maxOutputBytes?: number;
  /** `base64` hands on binary output byte for byte. @default 'utf8', with U+FFFD for what is not UTF-8 */
  readonly outputEncoding?: SshOutputEncoding;
}

/** How long each stage took, in milliseconds. */
export interface SshStageDurations {
  readonly connectMs: number;
  readonly bannerMs: number;
  readonly kexMs: number;
  readonly authMs: number;
  readonly channelMs: number;
  readonly execMs: number;
  readonly runMs: number;
}

/** Result of the activity `sshExec`, and `details[0]` of the failure `SshExitStatus`. */
export interface SshExecResult {
  readonly host: string;
  /** SHA-256 fingerprint of the key that the host proved to have, as OpenSSH prints it. */
  readonly hostKeyFingerprint: string;
  readonly exitCode: number;
  /** The signal that ended the command, without `SIG`; `null` when it exited by itself. */
  readonly signal: string | null;
  /** What was kept of the stream; its middle is left out, and says so, when {@link truncated}. */
  readonly stdout: string;
  readonly stderr: string;
  /** How many bytes the command wrote, kept or not. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** SHA-256, in hex, over all bytes of the stream, kept or not. */
  readonly stdoutSha256: string;
  readonly stderrSha256: string;
  /** At least one stream is not here as a whole. */
  readonly truncated: boolean;
  /** At least one stream held bytes that are not UTF-8; each was replaced by U+FFFD. Never set for `base64`. */
  readonly invalidUtf8: boolean;
  readonly stages: SshStageDurations;
  /** The connection was set up by an earlier step. */
  readonly reused: boolean;
  /** Which attempt of the activity this was, from 1. */
  readonly attempt: number;
}

/** Heartbeat details of `sshExec`: progress only, never output. */
export interface SshExecHeartbeat {
  /** The stage that is under way. */
  readonly phase: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}
