import { answersWithin } from '../keepalive';
import type { SshConnection } from '../ssh-connection';
import type { SshTelemetry } from '../telemetry';

/** Why a connection of the pool ended. */
export type EndReason = Parameters<SshTelemetry['connectionClosed']>[1];

/** What a pooled connection is kept by, and whom it tells. */
export interface PooledConnectionOptions {
  /** `0`: it ends with its last step. */
  readonly idleMs: number;
  readonly maxAgeMs: number;
  readonly maxChannels: number;
  /** A peer that has answered so lately needs no question. */
  readonly freshMs: number;
  /** It is not to be used any more. */
  readonly onGone: (why: EndReason) => void;
  /** A place came free on it. */
  readonly onRoom?: () => void;
  /** It begins or ends to be used. */
  readonly onUse?: (inUse: boolean) => void;
  /** The server refused one channel more than this. */
  readonly onFull?: (channels: number) => void;
}

// Far above a round trip on a bad line, far below the deadline for a channel.
const ANSWER_MS = 3_000;

/** A connection of the pool, with what it is used for. */
export class PooledConnection {
  #channels = 0;
  #maxChannels: number;
  #idle: NodeJS.Timeout | undefined;
  #retired = false;
  readonly #bornAt = performance.now();
  #aliveAt = this.#bornAt;
  #question: Promise<boolean> | undefined;

  constructor(
    readonly connection: SshConnection,
    private readonly options: PooledConnectionOptions
  ) {
    this.#maxChannels = options.maxChannels;
    this.#rest();
  }

  /** To be called once, when {@link PooledConnectionOptions.onGone} may be. */
  watch(): void {
    this.connection.onLost(() => this.#retire('lost'));
  }

  /** Whether it is used. */
  get inUse(): boolean {
    return this.#channels > 0;
  }

  /** Whether another step may use it. */
  get available(): boolean {
    if (this.#retired || this.#aged || !this.hasRoom) return false;
    return this.connection.keysAreTrusted;
  }

  /** Whether it may have another channel. */
  get hasRoom(): boolean {
    return this.#channels < this.#maxChannels;
  }

  get #aged(): boolean {
    return performance.now() - this.#bornAt >= this.options.maxAgeMs;
  }

  /**
   * Whether the peer is still there: known if it answered a moment ago, else asked. A connection through a firewall that
   * has forgotten it looks as sound as ever.
   */
  async isAlive(): Promise<boolean> {
    if (performance.now() - this.#aliveAt < this.options.freshMs) return true;
    this.#question ??= answersWithin(this.connection, ANSWER_MS).finally(() => (this.#question = undefined));
    const alive = await this.#question;
    if (alive) this.#aliveAt = performance.now();
    return alive;
  }

  /** Takes a channel's place. */
  take(): void {
    clearTimeout(this.#idle);
    this.#channels += 1;
    this.connection.keepProcessAlive(true);
    if (this.#channels === 1 && !this.#retired) this.options.onUse?.(true);
  }

  /** The server refused one more channel than it has now: that is its limit. */
  full(): void {
    this.#maxChannels = this.#channels - 1;
    // The only channel that is refused says nothing of how many there may be.
    if (this.#maxChannels > 0) this.options.onFull?.(this.#maxChannels);
    // One that allows none is of no use at all.
    if (this.#maxChannels === 0) this.#retire('unsound');
  }

  /**
   * Gives a channel's place back. A connection on which something went wrong is used no more, and is closed after its
   * last channel.
   */
  async give(sound: boolean): Promise<void> {
    this.#channels -= 1;
    if (this.#channels === 0 && !this.#retired) this.options.onUse?.(false);
    if (sound) this.#aliveAt = performance.now();
    else this.#retire('unsound');
    if (this.available) this.options.onRoom?.();
    if (this.#channels > 0) return;
    if (this.#retired || this.#aged || this.options.idleMs === 0) return this.close(this.#aged ? 'age' : 'unshared');
    this.#rest();
  }

  async close(why: EndReason): Promise<void> {
    this.#retire(why);
    await this.connection.close();
  }

  /** Nothing uses it now: it ends after the idle time, and is no reason for a process to go on. */
  #rest(): void {
    this.connection.keepProcessAlive(false);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.close('idle'), this.options.idleMs);
    this.#idle.unref();
  }

  #retire(why: EndReason): void {
    clearTimeout(this.#idle);
    if (this.#retired) return;
    this.#retired = true;
    this.options.onGone(why);
  }
}
