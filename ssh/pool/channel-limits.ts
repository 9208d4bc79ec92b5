const MAX_HOSTS = 10_000;

// An administrator who raises MaxSessions should not have to restart workers for it.
const FORGET_MS = 3_600_000;

/** Remembers how many channels a server allows on a connection (`MaxSessions` of OpenSSH), once it has refused one. */
export class ChannelLimits {
  readonly #learned = new Map<string, { readonly limit: number; readonly until: number }>();

  constructor(
    private readonly maxChannels: number,
    private readonly now: () => number = () => performance.now()
  ) {}

  /** How many steps may share a connection of this kind. */
  of(shareKey: string): number {
    const learned = this.#learned.get(shareKey);
    if (!learned) return this.maxChannels;
    if (learned.until > this.now()) return learned.limit;
    this.#learned.delete(shareKey);
    return this.maxChannels;
  }

  /** The server refused one channel more than this. */
  learn(shareKey: string, limit: number): void {
    const [oldest] = this.#learned.keys();
    if (this.#learned.size >= MAX_HOSTS && oldest !== undefined) this.#learned.delete(oldest);
    this.#learned.set(shareKey, { limit: Math.max(1, limit), until: this.now() + FORGET_MS });
  }
}
