import { setTimeout as delay } from 'node:timers/promises';
import type { SshJobStream } from '../contract';
import type { JobCursor, JobReport } from '../ssh/job/job-client';
import { SshError } from '../ssh/ssh-error';
import type { JobHost } from './job-host';
import { writeBytes } from './write-bytes';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** How a job is followed. */
export interface FollowJobOptions {
  readonly from?: JobCursor;
  /** @default both */
  readonly stream?: SshJobStream;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/**
 * Writes what a job writes to our own stdout and stderr, byte for byte, until it ends.
 *
 * A lost connection is made anew, for as long as it takes, and reading goes on at the next byte. Before the first login
 * a failure is final: it may well be a wrong address.
 */
export async function followJob(host: JobHost, id: string, options: FollowJobOptions): Promise<JobReport> {
  const { from = { stdout: 0, stderr: 0 }, stream: wanted, signal, tell } = options;
  const cursor = { ...from };
  let written = Promise.resolve();
  let failures = 0;
  const onBytes = (stream: SshJobStream, offset: number, bytes: Buffer): Promise<void> => {
    const fresh = bytes.subarray(Math.max(0, cursor[stream] - offset));
    // Before the write ends: should the connection be lost meanwhile, these bytes are still on their way.
    cursor[stream] = Math.max(cursor[stream], offset + bytes.length);
    failures = 0;
    if (fresh.length > 0 && (wanted === undefined || wanted === stream)) {
      const writing = writeBytes(process[stream], fresh);
      written = Promise.all([written, writing]).then(() => undefined);
    }
    return written;
  };
  for (;;) {
    try {
      const report = await host.client.follow(id, { cursor: { ...cursor }, onBytes });
      await written;
      return report;
    } catch (error) {
      if (signal.aborted || !(error instanceof SshError) || !error.retryable || !host.reached) throw error;
      const own = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10));
      failures += 1;
      const waitMs = Math.max(own, error.retryAfterMs ?? 0);
      tell(`${error.type}: ${error.message} Next try in ${(waitMs / 1_000).toFixed(1)} s; the job goes on.`);
      await delay(waitMs, undefined, { signal });
    }
  }
}
