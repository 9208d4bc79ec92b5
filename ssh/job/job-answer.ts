import { isSshFailureType } from '../../contract';
import type { ExecConsumer } from '../exec-consumer';
import { ExecFault } from '../exec-fault';
import { cleanServerText } from '../server-text';
import { FrameParser } from './frame-parser';
import type { JobEvent } from './frame-parser';
import type { JobCursor, JobFollower } from './job-client';
import { parseJobStatus } from './job-status';
import type { JobStatusLine } from './job-status';
import { protocolFault } from './protocol-fault';

/** How an answer is built: one status, statuses and an `end`, or a status and what follows of the streams. */
export type AnswerShape = 'status' | 'list' | 'follow';

/** What reads the streams; without a cursor the first frame says where they begin. */
export type AnswerFollower = Omit<JobFollower, 'cursor' | 'sums'> & { readonly cursor?: JobCursor };

const NOISE_TAIL = 2_048;

// A login shell that never stops to write is never silent either.
const MAX_NOISE_BYTES = 16_777_216;
const MAX_NOISE_MS = 60_000;

// In these the status may be the whole answer; in all others something follows.
const UNFOLLOWED: ReadonlySet<string> = new Set(['absent', 'gone', 'void', 'new', 'tampered']);

/** The answer to one request: read as it comes, and judged when the channel has closed. */
export class JobAnswer implements ExecConsumer {
  readonly #parser: FrameParser;
  readonly #statuses: JobStatusLine[] = [];
  #next: { stdout?: number; stderr?: number };
  #error: Extract<JobEvent, { type: 'error' }> | undefined;
  #complete = false;
  readonly #startedAt = performance.now();
  #noiseBytes = 0;

  constructor(
    private readonly host: string,
    nonce: string,
    private readonly shape: AnswerShape,
    private readonly follower?: AnswerFollower
  ) {
    this.#parser = new FrameParser(nonce);
    this.#next = { ...follower?.cursor };
  }

  /** In the order in which they came; that of a job's end is the last. */
  get statuses(): readonly JobStatusLine[] {
    return this.#statuses;
  }

  async onStdout(chunk: Buffer): Promise<void> {
    for (const event of this.#parser.push(chunk)) {
      const pending = this.#take(event);
      if (pending) await pending;
    }
    this.#limitNoise(chunk);
  }

  onStderr(chunk: Buffer): void {
    this.#limitNoise(chunk);
  }

  onEnd(exitCode: number | null): void {
    if (!this.#parser.answered) {
      const code = exitCode === null ? {} : { exitCode };
      const instead = exitCode === null ? '' : ` (exit code ${exitCode})`;
      throw this.#noAnswer({ instead, commandMayHaveRun: false, ...code });
    }
    if (this.#error) {
      const { failure, message } = this.#error;
      if (!isSshFailureType(failure)) throw protocolFault('a failure of a type that is none');
      const what = cleanServerText(message) || 'refused the request';
      throw new ExecFault(failure, { what, stage: 'run', commandMayHaveRun: false });
    }
    if (!this.#complete) {
      const code = exitCode === null ? {} : { exitCode };
      const what = 'ended the answer in the middle; the job itself goes on';
      throw new ExecFault('SshExitStatusMissing', { what, stage: 'run', ...code });
    }
  }

  #take(event: JobEvent): void | Promise<void> {
    switch (event.type) {
      case 'error':
        this.#error = event;
        return;
      case 'state':
        return this.#status(event.text);
      case 'end':
        if (this.shape !== 'list') throw protocolFault('the end of a list where none is');
        this.#complete = true;
        return;
      case 'follow':
        if (this.shape !== 'follow' || this.#statuses.length === 0) throw protocolFault('frames where none belong');
        this.#complete = false;
        return;
      case 'alive':
        this.follower?.onAlive?.({ stdout: event.stdout, stderr: event.stderr });
        return;
      case 'ended':
        this.#statuses.push(parseJobStatus(this.host, event.text));
        this.#complete = true;
        return;
      case 'bytes':
        return this.#bytes(event);
    }
  }

  #status(text: string): void {
    if (this.shape !== 'list' && this.#statuses.length > 0) throw protocolFault('a second status');
    const line = parseJobStatus(this.host, text);
    this.#statuses.push(line);
    if (this.shape === 'status') this.#complete = true;
    if (this.shape === 'follow') this.#complete = UNFOLLOWED.has(line.status.state);
  }

  #bytes({ stream, offset, bytes }: Extract<JobEvent, { type: 'bytes' }>): void | Promise<void> {
    const next = this.#next[stream] ?? offset;
    if (offset > next) throw protocolFault(`a gap of ${offset - next} bytes in ${stream}`);
    // It may have been read before: the cursor of a heartbeat is a little old.
    const fresh = bytes.subarray(Math.min(next - offset, bytes.length));
    if (fresh.length === 0) return;
    this.#next[stream] = next + fresh.length;
    return this.follower?.onBytes(stream, next, fresh);
  }

  #limitNoise(chunk: Buffer): void {
    if (this.#parser.answered) return;
    this.#noiseBytes += chunk.length;
    const late = performance.now() - this.#startedAt > MAX_NOISE_MS;
    if (late || this.#noiseBytes > MAX_NOISE_BYTES) {
      // The program may be about to answer.
      throw this.#noAnswer({ instead: `, but wrote ${this.#noiseBytes} bytes`, commandMayHaveRun: true });
    }
  }

  #noAnswer({ instead, ...parts }: { instead: string; exitCode?: number; commandMayHaveRun: boolean }): ExecFault {
    const stdoutTail = cleanServerText(this.#parser.noise, NOISE_TAIL);
    const what = `did not answer as the program of jobs${instead}`;
    const tail = stdoutTail === '' ? {} : { stdoutTail };
    return new ExecFault('SshJobNoAnswer', { what, stage: 'run', ...parts, ...tail });
  }
}
