import { FAILURE_TAIL_BYTES } from '../contract';
import type { SshExecResult } from '../contract';
import type { ExecRequest } from './exec-request';
import { OutputCollector } from './output-collector';
import { renderOutput } from './render-output';
import { cleanServerText } from './server-text';
import type { SshConnection } from './ssh-connection';
import type { StageClock } from './stage-clock';

/** Both output streams of one command. */
export class ExecOutput {
  readonly #stdout: OutputCollector;
  readonly #stderr: OutputCollector;
  #lastAt = performance.now();
  #passedOn = 0;

  constructor(private readonly request: ExecRequest) {
    this.#stdout = new OutputCollector(request.maxOutputBytes);
    this.#stderr = new OutputCollector(request.maxOutputBytes);
  }

  get stdoutBytes(): number {
    return this.#stdout.bytes + this.#passedOn;
  }

  get stderrBytes(): number {
    return this.#stderr.bytes;
  }

  /** When the last output came, on the clock of `performance.now()`. */
  get lastAt(): number {
    return this.#lastAt;
  }

  touch(): void {
    this.#lastAt = performance.now();
  }

  stdout(chunk: Buffer): void {
    this.touch();
    this.#stdout.push(chunk);
  }

  /** Counts what a consumer reads. */
  passOn(chunk: Buffer): void {
    this.touch();
    this.#passedOn += chunk.length;
  }

  stderr(chunk: Buffer): void {
    this.touch();
    this.#stderr.push(chunk);
  }

  /** The ends of both streams, cleaned, for a failure. */
  tails(): { stdoutTail?: string; stderrTail?: string } {
    const stdoutTail = tailText(this.#stdout);
    const stderrTail = tailText(this.#stderr);
    return { ...(stdoutTail && { stdoutTail }), ...(stderrTail && { stderrTail }) };
  }

  /** The result of a command whose end is known. */
  result(
    { facts }: SshConnection,
    end: {
      readonly exit: { readonly code: number | null; readonly signal: string | undefined };
      /** False when the connection went before the channel was closed: the last bytes may be missing. */
      readonly complete: boolean;
      readonly clock: StageClock;
      readonly reused: boolean;
      readonly attempt: number;
    }
  ): SshExecResult {
    const { exit, complete, clock, reused, attempt } = end;
    const [stdout, stderr] = [this.#stdout.finish(), this.#stderr.finish()];
    const [out, err] = [stdout, stderr].map((stream) => renderOutput(stream, this.request.outputEncoding)) as [
      ReturnType<typeof renderOutput>,
      ReturnType<typeof renderOutput>,
    ];
    return {
      host: facts.target.name,
      hostKeyFingerprint: facts.hostKeyFingerprint,
      exitCode: exit.code ?? -1,
      signal: exit.code === null ? (exit.signal ?? 'unknown') : null,
      stdout: out.text,
      stderr: err.text,
      stdoutBytes: stdout.bytes,
      stderrBytes: stderr.bytes,
      stdoutSha256: stdout.sha256,
      stderrSha256: stderr.sha256,
      truncated: out.truncated || err.truncated || !complete,
      invalidUtf8: out.invalidUtf8 || err.invalidUtf8,
      stages: {
        ...(reused ? { connectMs: 0, bannerMs: 0, kexMs: 0, authMs: 0 } : facts.stages),
        channelMs: clock.durationMs('channel'),
        execMs: clock.durationMs('exec'),
        runMs: clock.durationMs('run'),
      },
      reused,
      attempt,
    };
  }
}

function tailText(stream: OutputCollector): string {
  const { head, tail, bytes } = stream.snapshot();
  // Beginning and end belong together only where nothing between them was left out.
  const whole = bytes === head.length + tail.length ? Buffer.concat([head.subarray(-FAILURE_TAIL_BYTES), tail]) : tail;
  const end = whole.subarray(-FAILURE_TAIL_BYTES);
  return cleanServerText(end, FAILURE_TAIL_BYTES);
}
