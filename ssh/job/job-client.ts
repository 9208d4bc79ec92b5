import type { SshBecome, SshDeadlines, SshJobEndReason, SshJobStatus, SshJobStream } from '../../contract';
import type { DialObserver } from '../dial';
import type { ConnectionPool } from '../pool/connection-pool';
import type { SshTarget } from '../target';

/** A job, complete and checked: what is sent to the host. */
export interface JobRequest {
  readonly id: string;
  /** The text of the script that {@link shell} is given as a file. */
  readonly script: string;
  readonly shell: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly umask?: string;
  readonly stdin?: string;
  readonly nice?: number;
  readonly ioClass?: 'realtime' | 'best-effort' | 'idle';
  readonly deadlineMs?: number;
  readonly leaseMs?: number;
  readonly maxLogBytes?: number;
  readonly graceMs: number;
  /** The boot id that the host must still have. */
  readonly bootId?: string;
}

/** Where in the two streams reading begins. */
export interface JobCursor {
  readonly stdout: number;
  readonly stderr: number;
}

/** How a job is followed. */
export interface JobFollower {
  readonly cursor: JobCursor;
  /** Each range of bytes, in order and without gaps from the cursor on; the channel waits while a promise is pending. */
  readonly onBytes: (stream: SshJobStream, offset: number, bytes: Buffer) => void | Promise<void>;
  /** Every few seconds while the job runs. */
  readonly onAlive?: (sizes: JobCursor) => void;
  /** SHA-256 of the whole streams, computed on the host at the end, where it has a program for it. @default false */
  readonly sums?: boolean;
}

/** What the host said of a job, with what only the connection knows. */
export interface JobReport {
  readonly status: SshJobStatus;
  readonly hostKeyFingerprint: string;
  /** This request started it. */
  readonly started: boolean;
  readonly stdoutSha256?: string;
  readonly stderrSha256?: string;
}

/** How the host is reached, and as whom. */
export interface JobClientOptions {
  readonly deadlines: SshDeadlines;
  readonly signal?: AbortSignal;
  readonly observer?: DialObserver;
  readonly become?: SshBecome;
}

/** Operations on the jobs of one host. Each is one exec request, and safe to repeat. */
export interface JobClient {
  /** Starts the job, or finds it, and follows it to its end. */
  run(request: JobRequest, follower: JobFollower): Promise<JobReport>;
  /** Starts the job, or finds it, and returns at once. */
  start(request: JobRequest): Promise<JobReport>;
  /** Follows a job to its end that was started before. @throws {@link SshError} `SshJobNotFound` */
  follow(id: string, follower: JobFollower): Promise<JobReport>;
  status(id: string): Promise<JobReport>;
  list(): Promise<readonly SshJobStatus[]>;
  /** Reads a range; a negative `from` counts from the end. */
  log(
    id: string,
    range: { stream: SshJobStream; from: number; length: number }
  ): Promise<{ from: number; bytes: Buffer; report: JobReport }>;
  /** Ends the job, and returns when nothing of it is left or the host has given up. */
  cancel(id: string, options: { reason?: string; graceMs: number; why?: SshJobEndReason }): Promise<JobReport>;
  /** Removes ended jobs and leaves tombstones. @throws {@link SshError} `SshJobStillRunning` for one that runs, when it is the only one. */
  cleanUp(ids: readonly string[]): Promise<void>;
  /** Removes what ended longer ago than this: jobs that ended with exit code 0, all others, tombstones. */
  sweep(ages: { successMs: number; failureMs: number; tombstoneMs: number }): Promise<void>;
}

/** Makes a {@link JobClient}. */
export type CreateJobClient = (pool: ConnectionPool, target: SshTarget, options: JobClientOptions) => JobClient;
