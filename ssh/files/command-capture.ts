import { FAILURE_TAIL_BYTES } from '../../contract';
import type { ExecConsumer } from '../exec-consumer';
import type { HostCommandEnd } from './host-files';

// Digests of a thousand files with long names; what is more is of no command of ours.
const MAX_STDOUT_BYTES = 8 * 1024 * 1024;

/** Keeps the beginning of a command's stdout, and the end of both streams. */
export class CommandCapture implements ExecConsumer {
  readonly #stdout: Buffer[] = [];
  #bytes = 0;
  #stdoutTail: Buffer = Buffer.alloc(0);
  #stderrTail: Buffer = Buffer.alloc(0);
  #exitCode: number | null = null;

  onStdout(chunk: Buffer): void {
    const kept = chunk.subarray(0, MAX_STDOUT_BYTES - this.#bytes);
    // A copy: the chunk is a window on a receive buffer that is many times larger.
    if (kept.length > 0) this.#stdout.push(Buffer.from(kept));
    this.#bytes += kept.length;
    this.#stdoutTail = tail(this.#stdoutTail, chunk);
  }

  onStderr(chunk: Buffer): void {
    this.#stderrTail = tail(this.#stderrTail, chunk);
  }

  onEnd(exitCode: number | null): void {
    this.#exitCode = exitCode;
  }

  get end(): HostCommandEnd & { readonly stdout: string } {
    return {
      exitCode: this.#exitCode,
      stdout: Buffer.concat(this.#stdout).toString(),
      stdoutTail: this.#stdoutTail.toString(),
      stderrTail: this.#stderrTail.toString(),
    };
  }
}

function tail(kept: Buffer, chunk: Buffer): Buffer {
  return Buffer.from(Buffer.concat([kept, chunk.subarray(-FAILURE_TAIL_BYTES)]).subarray(-FAILURE_TAIL_BYTES));
}
