import type { SshConnection } from '../ssh-connection';

/** A connection of the pool, with what it is used for. */
export class PooledConnection {
  #channels = 0;
  #idle: NodeJS.Timeout | undefined;
  #retired = false;
  readonly #bornAt = performance.now();

  /** @param maxChannels - lowered when the server refuses a channel before. */
  constructor(
    readonly connection: SshConnection,
    private readonly limits: { readonly idleMs: number; readonly maxAgeMs: number },
    private maxChannels: number,
    private readonly onGone: () => void
  ) {
    this.#rest();
  }

  /** To be called once, when {@link onGone} may be. */
  watch(): void {
    this.connection.onLost(() => this.#retire());
  }

  /** Whether another step may use it. */
  get available(): boolean {
    const young = performance.now() - this.#bornAt < this.limits.maxAgeMs;
    return !this.#retired && young && this.#channels < this.maxChannels && this.connection.keysAreTrusted;
  }

  /** Takes a channel's place. */
  take(): void {
    clearTimeout(this.#idle);
    this.#channels += 1;
    this.connection.keepProcessAlive(true);
  }

  /** The server refused one more channel than it has now: that is its limit. */
  full(): void {
    this.maxChannels = this.#channels - 1;
    // One that allows none is of no use at all.
    if (this.maxChannels === 0) this.#retire();
  }

  /**
   * Gives a channel's place back. A connection on which something went wrong is used no more, and is closed after its
   * last channel.
   */
  async give(sound: boolean): Promise<void> {
    this.#channels -= 1;
    if (!sound) this.#retire();
    if (this.#channels > 0) return;
    if (this.#retired || this.limits.idleMs === 0) return this.close();
    this.#rest();
  }

  async close(): Promise<void> {
    this.#retire();
    await this.connection.close();
  }

  /** Nothing uses it now: it ends after the idle time, and is no reason for a process to go on. */
  #rest(): void {
    this.connection.keepProcessAlive(false);
    this.#idle = setTimeout(() => void this.close(), this.limits.idleMs);
    this.#idle.unref();
  }

  #retire(): void {
    clearTimeout(this.#idle);
    if (this.#retired) return;
    this.#retired = true;
    this.onGone();
  }
}
