import type { ExecStdin } from '../exec-consumer';
import type { ExecHost, ScriptEnd, ScriptStreams } from './exec-host';
import { writeScript } from './exec-scripts';
import type { HostFileWriter } from './host-files';

// Beside what ssh2 and the kernels hold: enough for a fast line, and no more memory than that for a slow one.
const MAX_PENDING_BYTES = 1_048_576;
const ABANDON_GRACE_MS = 2_000;

/** Writes a file through the stdin of `cat`. */
export class ExecWriter implements HostFileWriter {
  #acknowledged: number;
  #sent: number;
  #pending = 0;
  #stdin: ExecStdin | undefined;
  #ended = false;
  #rest = '';
  #failure: { readonly error: unknown } | undefined;
  /** Called at each change of what is waited for. */
  #wake: () => void = () => undefined;
  #open = false;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  private constructor(
    private readonly host: ExecHost,
    private readonly path: string,
    offset: number,
    signal: AbortSignal | undefined
  ) {
    this.#acknowledged = offset;
    this.#sent = offset;
    const onAbort = (): void => this.#abort.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#done = host
      .stream(writeScript(path, offset), this.#streams())
      .then((end) => this.#onEnd(end))
      .catch((error: unknown) => void (this.#failure = { error }))
      .finally(() => {
        signal?.removeEventListener('abort', onAbort);
        this.#ended = true;
        this.#wake();
      });
  }

  /** Resolves once the file is open on the host. */
  static async open(host: ExecHost, path: string, offset: number, signal?: AbortSignal): Promise<ExecWriter> {
    const writer = new ExecWriter(host, path, offset, signal);
    await writer.#until(() => writer.#open);
    return writer;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  async write(chunk: Buffer): Promise<void> {
    this.#throwFailure();
    this.#sent += chunk.length;
    this.#pending += chunk.length;
    this.#stdin?.write(chunk, () => {
      this.#pending -= chunk.length;
      this.#wake();
    });
    await this.#until(() => this.#pending <= MAX_PENDING_BYTES);
  }

  async finish(): Promise<void> {
    this.#throwFailure();
    this.#end();
    await this.#done;
    this.#throwFailure();
    if (this.#acknowledged === this.#sent) return;
    const found = `has ${this.#acknowledged} bytes of the ${this.#sent} that were written`;
    throw this.host.failure('SshTransferFailed', `${found}: ${this.path}`);
  }

  async abandon(): Promise<void> {
    // The end of stdin leaves the connection to others; an abort costs it.
    this.#end();
    const timer = setTimeout(() => this.#abort.abort(new Error('abandoned')), ABANDON_GRACE_MS);
    await this.#done;
    clearTimeout(timer);
  }

  #end(): void {
    const stdin = this.#stdin;
    this.#stdin = undefined;
    stdin?.end();
  }

  #streams(): ScriptStreams {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const writer = this;
    return {
      signal: this.#abort.signal,
      stdin: {
        get owed() {
          return writer.#open && writer.#stdin !== undefined && writer.#pending === 0;
        },
        onOpen: (stdin) => void (this.#stdin = stdin),
      },
      onBody: (chunk) => this.#onBody(chunk),
    };
  }

  #onBody(chunk: Buffer): void {
    const words = (this.#rest + chunk.toString('latin1')).split(' ');
    this.#rest = words.pop() ?? '';
    for (const word of words) {
      if (word.trim() === 'open') this.#open = true;
      else if (word.trim() !== '') this.#acknowledged = Math.max(this.#acknowledged, Number(word) || 0);
    }
    this.#wake();
  }

  #onEnd(end: ScriptEnd): void {
    if (end.code !== 0) throw this.host.refusal(end, this.path);
    if (this.#stdin) throw this.host.failure('SshTransferFailed', `ended the writing early: ${this.path}`);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      this.#throwFailure();
      if (this.#ended) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
