import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { ChannelTrace } from './channel-trace';
import type { Ssh2Error } from './classify-loss';
import { ProxyCommandStream } from './proxy-command';
import type { SshTarget } from './target';

// How long a goodbye may take. A peer that reads nothing must not hold a worker.
const GOODBYE_MS = 250;

/** What is known of a connection once it is set up. */
export interface ConnectionFacts {
  readonly target: SshTarget;
  /** The server's identification line. */
  readonly identification: string;
  readonly hostKeyFingerprint: string;
  /** The key itself, in the format of RFC 4253 section 6.6. */
  readonly hostKey: Buffer;
  readonly stages: Readonly<Record<'connectMs' | 'bannerMs' | 'kexMs' | 'authMs', number>>;
}

/** Told of the end of the connection: by the error that ssh2 gave for it, or by none when it was closed. */
export type LossListener = (error: Ssh2Error | undefined) => void;

/** An authenticated connection. It ends by {@link close}, or by a loss that every operation on it is told of. */
export class SshConnection {
  #loss: { readonly error: Ssh2Error | undefined } | undefined;
  readonly #listeners = new Set<LossListener>();

  constructor(
    readonly client: Client,
    readonly stream: Duplex,
    readonly trace: ChannelTrace,
    readonly facts: ConnectionFacts,
    /** The connection to the jump host through which this one runs; it ends with this one. */
    private readonly via?: SshConnection
  ) {}

  /** Whether the connection has ended. */
  get lost(): boolean {
    return this.#loss !== undefined;
  }

  /**
   * Records the end of the connection and tells every operation. Only the first counts: what follows from it, such as
   * a reset after a protocol error, would hide the cause.
   */
  lose(error?: Ssh2Error): void {
    if (this.#loss) return;
    this.#loss = { error };
    this.stream.destroy();
    void this.via?.close();
    for (const listener of [...this.#listeners]) listener(error);
  }

  /** Calls back when the connection is lost, at once if it already is. Returns how to stop that. */
  onLost(listener: LossListener): () => void {
    if (this.#loss) listener(this.#loss.error);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the host keys of the connection, and of the jump hosts before it, are still trusted. */
  get keysAreTrusted(): boolean {
    const { hostKey, target } = this.facts;
    return target.hostKeys.check(hostKey).trusted && (this.via?.keysAreTrusted ?? true);
  }

  /** Whether the connection keeps the process alive. */
  keepProcessAlive(needed: boolean): void {
    if (this.via) this.via.keepProcessAlive(needed);
    else if (this.stream instanceof Socket || this.stream instanceof ProxyCommandStream) {
      if (needed) this.stream.ref();
      else this.stream.unref();
    }
  }

  /** Says goodbye and destroys the connection; resolves when its socket is closed. Never fails. */
  async close(): Promise<void> {
    if (this.via) {
      this.#sayGoodbye();
      // The stream is a channel of that connection, and goes with it.
      return this.via.close();
    }
    if (this.stream.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.stream.destroy(), GOODBYE_MS);
      this.stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      // Once our side is flushed there is nothing to wait for: a server that never closes its side is left behind.
      this.stream.once('finish', () => this.stream.destroy());
      this.#sayGoodbye();
      if (this.stream.writableFinished) this.stream.destroy();
    });
  }

  #sayGoodbye(): void {
    try {
      this.client.end();
    } catch {
      // ssh2 throws when its protocol object was cleaned up a moment ago: there is nobody to say it to.
      this.stream.destroy();
    }
  }
}
