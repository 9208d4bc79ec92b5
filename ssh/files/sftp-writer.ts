import type { HostFileWriter } from './host-files';
import type { SftpAct, SftpFailures } from './sftp-failure';
import type { SftpSession } from './sftp-session';
import { SFTP_STATUS, SftpStatus } from './ssh2-sftp';
import { shareTransferWindow } from './transfer-window';

const MAX_IN_FLIGHT = 128;
const MAX_REQUEST_BYTES = 128 * 1024;

interface Sent {
  readonly end: number;
  answered: boolean;
}

/** Writes a file by requests that follow each other without waiting, bounded in number and bytes. */
export class SftpWriter implements HostFileWriter {
  #position: number;
  #acknowledged: number;
  /** In the order of their positions. */
  #sent: Sent[] = [];
  #inFlight = 0;
  readonly #window = shareTransferWindow();
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #closed: Promise<unknown> | undefined;

  constructor(
    private readonly session: SftpSession,
    private readonly failures: SftpFailures,
    private readonly handle: Buffer,
    private readonly path: string,
    offset: number
  ) {
    this.#position = this.#acknowledged = offset;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  async write(chunk: Buffer): Promise<void> {
    const most = Math.min(MAX_REQUEST_BYTES, this.session.limits.write);
    for (let at = 0; at < chunk.length; at += most) {
      await this.#untilRoom();
      this.#send(chunk.subarray(at, at + most));
    }
    await this.#untilRoom();
  }

  async finish(): Promise<void> {
    if (!this.#failure) {
      // Requests for one file are carried out in their order: what is written is waited for with its end.
      const synced = this.session.offers('fsync@openssh.com', '1') ? this.#sync() : undefined;
      await Promise.all([synced, this.#close()]);
      while (!this.#failure && this.#sent.length > 0) await this.#nextAnswer();
    }
    await this.#throwFailure();
  }

  async abandon(): Promise<void> {
    await this.#close().catch(() => undefined);
  }

  #send(part: Buffer): void {
    const sent: Sent = { end: this.#position + part.length, answered: false };
    const at = this.#position;
    this.#position = sent.end;
    this.#sent.push(sent);
    this.#inFlight += part.length;
    this.session
      .request((sftp, done) => sftp.write(this.handle, part, 0, part.length, at, done))
      .then(
        () => {
          sent.answered = true;
          // An answer may overtake another; what is told is what is there without a gap.
          while (this.#sent[0]?.answered) this.#acknowledged = this.#sent.shift()?.end ?? 0;
          this.#answered(part.length);
        },
        (error: unknown) => {
          this.#fail(error);
          this.#answered(part.length);
        }
      );
  }

  #answered(bytes: number): void {
    this.#inFlight -= bytes;
    this.#wake?.();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  async #untilRoom(): Promise<void> {
    while (!this.#failure && (this.#inFlight >= this.#window.bytes || this.#sent.length >= MAX_IN_FLIGHT)) {
      await this.#nextAnswer();
    }
    await this.#throwFailure();
  }

  #nextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #throwFailure(): Promise<void> {
    if (!this.#failure) return;
    const act: SftpAct = { verb: 'write', path: this.path, bytes: MAX_REQUEST_BYTES };
    const error = await this.failures.of(this.#failure.error, act);
    this.#failure = { error };
    throw error;
  }

  async #sync(): Promise<void> {
    try {
      await this.session.request((sftp, done) => sftp.ext_openssh_fsync(this.handle, done));
    } catch (error) {
      // Some file systems have no such thing.
      if (!(error instanceof SftpStatus) || !NO_SYNC.has(error.code)) this.#fail(error);
    }
  }

  #close(): Promise<unknown> {
    this.#window.end();
    this.#closed ??= this.session
      .request((sftp, done) => sftp.close(this.handle, done))
      .catch((error: unknown) => this.#fail(error));
    return this.#closed;
  }
}

// EINVAL is a bad message to OpenSSH.
const NO_SYNC: ReadonlySet<number> = new Set([SFTP_STATUS.opUnsupported, SFTP_STATUS.badMessage]);
