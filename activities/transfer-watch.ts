import type { SshTransferHeartbeat } from '../contract';
import type { TransferProgress } from '../ssh/files/transfer-options';
import { TransferRate } from './transfer-rate';

/** What is known of a transfer that is under way, as its heartbeats tell it. */
export class TransferWatch {
  /** Is told of bytes that the other side has got. */
  onBytes: (bytes: number) => void = () => undefined;
  readonly #rate: TransferRate;
  #phase = 'config';
  #progress: Omit<TransferProgress, 'phase'>;

  constructor(file: string, part: string | undefined, now?: () => number) {
    this.#rate = new TransferRate(now);
    // Until this attempt has its own: should this worker die as well, the next one must still know of it.
    this.#progress = { file, bytes: 0, ...(part !== undefined && { part }) };
  }

  get part(): string | undefined {
    return this.#progress.part;
  }

  stage(stage: string): void {
    // Once bytes go, requests of their own channels say nothing of how far it is.
    if (this.#phase === 'transfer' || this.#phase === 'verify' || this.#phase === 'place') return;
    this.#phase = stage;
  }

  /** Takes what the engine tells; returns whether it is to be told at once. */
  progress({ phase, ...progress }: TransferProgress): boolean {
    const { bytes, part } = this.#progress;
    if (phase !== this.#phase) this.#rate.restart();
    if (phase === 'transfer' && progress.bytes > bytes) this.onBytes(progress.bytes - bytes);
    this.#phase = phase;
    this.#rate.update(progress.bytes);
    const newPart = progress.part !== undefined && progress.part !== part;
    this.#progress = { ...(part !== undefined && { part }), ...progress };
    return newPart;
  }

  heartbeat(): SshTransferHeartbeat {
    return { phase: this.#phase, ...this.#progress, bytesPerSecond: this.#rate.bytesPerSecond };
  }
}
