import type { Duration } from '@temporalio/common';
import type { SshOutputEncoding } from './exec';
import type { SshTimeouts } from './stages';

/** One of the two output streams of a job. */
export type SshJobStream = 'stdout' | 'stderr';

/** Which user runs a job: with `sudo`, whose password, if it asks for one, is the host's `becomePassword`. */
export interface SshBecome {
  /** @default 'root' */
  readonly user?: string;
}

/** What a job is. Its digest is kept on the host: another one under the same id is `SshJobConflict`. */
export interface SshJobSpec {
  /** A script for {@link shell}, or a list of arguments that is quoted. */
  readonly command: string | readonly string[];
  /** The program that is given the script's path: absolute, or found in `PATH`. @default '/bin/sh' */
  readonly shell?: string;
  /** Environment variables of the job; no secrets, since they become part of the workflow's history. */
  readonly env?: Readonly<Record<string, string>>;
  /** The directory in which the job runs. @default the login directory */
  readonly cwd?: string;
  /** In octal, such as `'022'`. @default that of the login */
  readonly umask?: string;
  /** The job's standard input, kept in a file of its directory. @default `/dev/null` */
  readonly stdin?: string;
  /** Runs the job as another user; its directory then is below the home of that user. @default false */
  readonly become?: boolean | SshBecome;
  /** From -20 to 19. @default that of the login */
  readonly nice?: number;
  /** Class (`realtime`, `best-effort`, `idle`) for `ionice`, as far as the host has it. */
  readonly ioClass?: 'realtime' | 'best-effort' | 'idle';
}

/** What the host itself holds a job to, when every worker is gone too. */
export interface SshJobGuards {
  /** The job is ended after so long, counted by the host from the start: `SshJobDeadline`. @default none */
  readonly deadline?: Duration;
  /** The job is ended when nobody has asked for it for so long: `SshJobLeaseExpired`. At least 10 s. @default none */
  readonly lease?: Duration;
  /** The job is ended when a stream has more bytes than this: `SshJobLogLimit`. @default none */
  readonly maxLogBytes?: number;
  /** Between TERM and KILL when the job is ended. @default '10s' */
  readonly killGrace?: Duration;
}

/** How the result of a job is made. */
export interface SshJobOutputOptions {
  /** Exit codes that are a result and not a failure. @default [0] */
  readonly okExitCodes?: readonly number[];
  /** How many of the last bytes of each stream the result has. @default 65536 */
  readonly maxOutputBytes?: number;
  /** `base64` hands on binary output byte for byte. @default 'utf8', with U+FFFD for what is not UTF-8 */
  readonly outputEncoding?: SshOutputEncoding;
}

/** How a job is watched. */
export interface SshJobFollowOptions {
  /**
   * `stream` holds a channel and an activity slot to the end, and sees each byte as it comes. `poll` looks each
   * {@link pollInterval}; between looks it holds no slot, no connection and no history.
   *
   * @default 'stream'
   */
  readonly follow?: 'stream' | 'poll';
  /** At least 1 s. @default 1 s at first, then twice as long each time, up to 30 s */
  readonly pollInterval?: Duration;
  /** Also writes both streams into the worker's `jobs.logDirectory`. @default false */
  readonly sink?: boolean;
  /**
   * When the job's directory is removed from the host; a tombstone remains, so that a late start runs nothing.
   * `success`: after a result, not after a failure. What is kept is removed after the worker's `jobs.retention`.
   *
   * @default 'success'
   */
  readonly cleanup?: 'success' | 'never';
}

/** Input of the activity `sshJob`. Without {@link command} it attaches to a job that was started elsewhere. */
export interface SshJobInput extends Partial<SshJobSpec>, SshJobGuards, SshJobOutputOptions, SshJobFollowOptions {
  /** The host's name, as the worker's hosts file knows it. */
  readonly host: string;
  /** `[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}`; starting the same id again finds the first run. */
  readonly id: string;
  /** Deadlines of the stages up to `exec`; `run` and `idle` do not apply to jobs. */
  readonly timeouts?: SshTimeouts;
  /** Start only if the host still has this boot id: else `SshJobHostRebooted`. */
  readonly bootId?: string;
}

/** Names a job for `sshJobStatus`, `sshJobCancel`, `sshJobCleanup` and `sshJobLog`. */
export interface SshJobReference {
  readonly host: string;
  readonly id: string;
  /** As at the start: the job's directory is that user's. */
  readonly become?: boolean | SshBecome;
  readonly timeouts?: SshTimeouts;
}

/** Input of the activity `sshJobCancel`. */
export interface SshJobCancelInput extends SshJobReference {
  /** Kept on the host, for people: cleaned and cut to 100 characters. */
  readonly reason?: string;
  /** Between TERM and KILL. @default '10s' */
  readonly killGrace?: Duration;
}

/** Input of the activity `sshJobLog`. */
export interface SshJobLogInput extends SshJobReference {
  readonly stream?: SshJobStream;
  /** The first byte; a negative number counts from the end. @default 0 */
  readonly from?: number;
  /** At most 1 MiB. @default 65536 */
  readonly length?: number;
  readonly outputEncoding?: SshOutputEncoding;
}

/** A range of bytes of a job's stream. */
export interface SshJobLogResult {
  readonly stream: SshJobStream;
  /** Where the range begins. */
  readonly from: number;
  /** The first byte after it: `from` for the next call. */
  readonly next: number;
  /** How long the stream is now. */
  readonly size: number;
  /** The job has ended and {@link next} is the end: nothing will follow. */
  readonly complete: boolean;
  readonly text: string;
  readonly invalidUtf8: boolean;
}

/**
 * The state of a job on its host:
 * - `absent`: the host knows no such job.
 * - `new`: being prepared; nothing has run.
 * - `void`: cancelled before it started; it never ran and never will.
 * - `running`.
 * - `orphan`: it runs, but its supervisor is gone: its exit code will be unknowable.
 * - `finishing`: it has ended; its supervisor is about to record how.
 * - `done`: it has ended, and how is on record.
 * - `lost-reboot`: the host was started anew while it ran.
 * - `lost-supervisor`: job and supervisor are gone without a record.
 * - `gone`: cleaned up; its tombstone remains.
 * - `tampered`: what is on the host is not what was written there.
 */
export const SSH_JOB_STATES = [
  'absent',
  'new',
  'void',
  'running',
  'orphan',
  'finishing',
  'done',
  'lost-reboot',
  'lost-supervisor',
  'gone',
  'tampered',
] as const;

/** One of {@link SSH_JOB_STATES}. */
export type SshJobState = (typeof SSH_JOB_STATES)[number];

/** Why a job was asked to end: by somebody, or by one of its guards. */
export type SshJobEndReason = 'cancel' | 'deadline' | 'lease' | 'log-limit';

/** What a host knows of a job. */
export interface SshJobStatus {
  readonly host: string;
  readonly id: string;
  readonly state: SshJobState;
  /** Set for a job that exited by itself. */
  readonly exitCode?: number;
  /** Set for a job that a signal ended, without `SIG`. */
  readonly signal?: string;
  /** The supervisor could not tell an exit code of 128+n from the end by signal n. */
  readonly exitAmbiguous?: true;
  /** By the clock of the host (ISO 8601). */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly pid?: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Somebody or a guard has asked it to end. */
  readonly endReason?: SshJobEndReason;
  /** What `sshJobCancel` was given as its reason. */
  readonly cancelReason?: string;
  /** The kill is through: processes that it could not end, `pid(name)`; empty is the proof that none is left. */
  readonly survivors?: readonly string[];
  /** The job's directory on the host. */
  readonly directory: string;
  readonly bootId: string;
}

/** Result of the activity `sshJob`, and part of `details[0]` of its failures once the job's end is known. */
export interface SshJobResult {
  readonly host: string;
  readonly id: string;
  readonly hostKeyFingerprint: string;
  readonly directory: string;
  readonly bootId: string;
  /** -1 when a signal ended it, or nobody knows. */
  readonly exitCode: number;
  /** The signal that ended the job, without `SIG`. */
  readonly signal: string | null;
  readonly exitAmbiguous?: true;
  /** The last bytes of each stream. */
  readonly stdout: string;
  readonly stderr: string;
  /** How many bytes the job wrote. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** SHA-256, in hex, over all bytes; `null` when the log was gone, or the host has no program to tell. */
  readonly stdoutSha256: string | null;
  readonly stderrSha256: string | null;
  readonly truncated: boolean;
  readonly invalidUtf8: boolean;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** It was found on the host: an earlier attempt, or somebody else, had started it. */
  readonly attached: boolean;
  /** It was cleaned up before: how it ended is known, its output is not there any more. */
  readonly cleanedUp: boolean;
  readonly attempt: number;
}

/** Heartbeat details of `sshJob`: how far each stream was read. A hint only: one that is stale makes reading repeat. */
export interface SshJobHeartbeat {
  readonly phase: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}
