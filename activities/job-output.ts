import type { SshJobInput, SshJobResult, SshJobStream } from '../contract';
import { DEFAULT_MAX_OUTPUT_BYTES } from '../contract';
import type { JobCursor, JobReport } from '../ssh/job/job-client';
import { TailCollector } from '../ssh/job/tail-collector';
import { continuationBytes, renderOutput } from '../ssh/render-output';
import { fitResult } from './fit-result';
import { failureTails } from './job-ended';

/** Both streams of a job as its result has them. */
export class JobOutput {
  readonly #streams: Readonly<Record<SshJobStream, TailCollector>>;

  constructor(
    private readonly input: SshJobInput,
    from: JobCursor
  ) {
    const limit = input.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
    this.#streams = { stdout: new TailCollector(limit, from.stdout), stderr: new TailCollector(limit, from.stderr) };
  }

  /** How far each stream was read. */
  get next(): JobCursor {
    return { stdout: this.#streams.stdout.next, stderr: this.#streams.stderr.next };
  }

  push(stream: SshJobStream, bytes: Buffer): void {
    this.#streams[stream].push(bytes);
  }

  /** For a failure. */
  failureTails(): { stdoutTail: string; stderrTail: string } {
    return failureTails(this.#streams.stdout.tail(), this.#streams.stderr.tail());
  }

  /** The result of a job that has ended. */
  result(report: JobReport, attempt: number): SshJobResult {
    const { status, hostKeyFingerprint, started } = report;
    const { outputEncoding = 'utf8' } = this.input;
    const cleanedUp = status.state === 'gone';
    const [out, err] = [this.#render('stdout', status.stdoutBytes), this.#render('stderr', status.stderrBytes)];
    const result: SshJobResult = {
      host: status.host,
      id: status.id,
      hostKeyFingerprint,
      directory: status.directory,
      bootId: status.bootId,
      exitCode: status.exitCode ?? -1,
      signal: status.signal ?? null,
      ...(status.exitAmbiguous && { exitAmbiguous: true as const }),
      stdout: out.text,
      stderr: err.text,
      stdoutBytes: out.bytes,
      stderrBytes: err.bytes,
      stdoutSha256: cleanedUp ? null : (out.sha256 ?? report.stdoutSha256 ?? null),
      stderrSha256: cleanedUp ? null : (err.sha256 ?? report.stderrSha256 ?? null),
      truncated: out.truncated || err.truncated,
      invalidUtf8: out.invalidUtf8 || err.invalidUtf8,
      startedAt: status.startedAt ?? null,
      endedAt: status.endedAt ?? null,
      attached: !started,
      cleanedUp,
      attempt,
    };
    return fitResult(result, outputEncoding);
  }

  #render(
    stream: SshJobStream,
    reported: number
  ): { text: string; bytes: number; sha256: string | null; truncated: boolean; invalidUtf8: boolean } {
    const { tail, bytes: read, sha256 } = this.#streams[stream].finish();
    const { outputEncoding = 'utf8' } = this.input;
    const bytes = Math.max(read, reported);
    const truncated = bytes > tail.length;
    // A character that the cut split is left out as a whole.
    const kept = truncated && outputEncoding === 'utf8' ? tail.subarray(continuationBytes(tail)) : tail;
    const { text, invalidUtf8 } = renderOutput(
      { head: kept, tail: Buffer.alloc(0), bytes: kept.length },
      outputEncoding
    );
    return { text, bytes, sha256, truncated, invalidUtf8 };
  }
}
