import { FAILURE_TAIL_BYTES } from '../contract';
import type { SshJobState } from '../contract';
import type { JobReport } from '../ssh/job/job-client';
import { cleanServerText } from '../ssh/server-text';

const UNDER_WAY: readonly SshJobState[] = ['new', 'running', 'orphan', 'finishing'];

/** Whether nothing more is to be expected of a job. */
export function hasEnded({ status }: JobReport): boolean {
  return !UNDER_WAY.includes(status.state);
}

/** The ends of both streams, cleaned, for a failure. */
export function failureTails(stdout: Buffer, stderr: Buffer): { stdoutTail: string; stderrTail: string } {
  const [stdoutTail, stderrTail] = [stdout, stderr].map((end) =>
    cleanServerText(end.subarray(-FAILURE_TAIL_BYTES), FAILURE_TAIL_BYTES)
  ) as [string, string];
  return { stdoutTail, stderrTail };
}
