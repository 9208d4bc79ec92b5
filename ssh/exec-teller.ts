import type { ExecRequest } from './exec-request';
import { SshError } from './ssh-error';
import type { StageClock } from './stage-clock';
import type { SshTelemetry } from './telemetry';

/** Tells the telemetry how one command went: its stages, its bytes, and its failure. Called once at its end. */
export class ExecTeller {
  #stdout = 0;
  #stderr = 0;

  constructor(
    private readonly telemetry: SshTelemetry,
    private readonly request: ExecRequest,
    private readonly clock: StageClock
  ) {}

  /** The bytes that came so far. */
  output(stdoutBytes: number, stderrBytes: number): void {
    this.#stdout = stdoutBytes;
    this.#stderr = stderrBytes;
  }

  ended(): void {
    this.#tell(true);
  }

  /** Anything but an {@link SshError} is an abort, and no failure. */
  failed(error: unknown): void {
    const failure = error instanceof SshError ? error : undefined;
    // With a result the command's end is known: its last stage was as good as the others.
    this.#tell(failure?.result !== undefined);
    if (failure) this.telemetry.failed(this.clock.target.name, failure.type, failure.details.stage);
  }

  #tell(ended: boolean): void {
    const { clock, telemetry } = this;
    const { name } = clock.target;
    for (const [stage, ms] of clock.durations) {
      if (ended || stage !== clock.stage) telemetry.stageDone(name, stage, ms);
    }
    // The input is handed over when the command has begun.
    const stdin = clock.stage === 'run' ? Buffer.byteLength(this.request.stdin ?? '') : 0;
    telemetry.transferred(name, { stdout: this.#stdout, stderr: this.#stderr, stdin });
  }
}
