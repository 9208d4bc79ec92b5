import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { SshJobStream } from '../../../../contract';
import type { JobCursor, JobFollower } from '../../../../ssh/job/job-client';

/** Keeps both streams, for jobs that write little. */
export class StreamReader implements JobFollower {
  readonly cursor: JobCursor = { stdout: 0, stderr: 0 };
  readonly #chunks: Record<SshJobStream, Buffer[]> = { stdout: [], stderr: [] };

  onBytes(stream: SshJobStream, _offset: number, bytes: Buffer): void {
    this.#chunks[stream].push(Buffer.from(bytes));
  }

  get stdout(): string {
    return Buffer.concat(this.#chunks.stdout).toString('latin1');
  }

  get stderr(): string {
    return Buffer.concat(this.#chunks.stderr).toString('latin1');
  }
}

/** Hashes what comes of stdout, over any number of attempts that go on where the last one was cut off. */
export class HashingReader {
  readonly #hash = createHash('sha256');
  next = 0;

  get cursor(): JobCursor {
    return { stdout: this.next, stderr: 0 };
  }

  readonly onBytes = (stream: SshJobStream, offset: number, bytes: Buffer): void => {
    assert.equal(stream, 'stdout', bytes.toString());
    assert.equal(offset, this.next, 'a gap, or bytes that came twice');
    this.#hash.update(bytes);
    this.next += bytes.length;
  };

  sha256(): string {
    return this.#hash.digest('hex');
  }
}
