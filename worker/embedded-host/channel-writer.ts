import type { Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** The fields in which ssh2 keeps what the window had no room for. */
interface Pending {
  _chunk: unknown;
  _chunkcb: unknown;
  _chunkErr: unknown;
  _chunkcbErr: unknown;
}

/**
 * Writes both output streams of a command to its channel, one chunk at a time.
 *
 * One at a time, because ssh2 1.17 keeps a chunk that the window had no room for, never forgets it, and prefers
 * stdout's: with both streams waiting it sends stdout's chunk twice and stderr's never.
 */
export class ChannelWriter {
  readonly #channel: ServerChannel;
  #open = true;
  #finishWrite: (() => void) | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(channel: ServerChannel) {
    this.#channel = channel;
  }

  /** Resolves when the client's window took all of it; `false` when the channel is gone. */
  async write(stream: 'stdout' | 'stderr', chunk: Buffer): Promise<boolean> {
    const turn = this.#last.then(() => this.#write(stream === 'stdout' ? this.#channel : this.#channel.stderr, chunk));
    this.#last = turn;
    await turn;
    return this.#open;
  }

  /** The channel is gone: ssh2 calls back no more, and nobody shall wait for it. */
  abort(): void {
    this.#open = false;
    this.#finishWrite?.();
  }

  async #write(target: Writable, chunk: Buffer): Promise<void> {
    if (!this.#open || !target.writable) return;
    await new Promise<void>((resolve) => {
      this.#finishWrite = resolve;
      target.write(chunk, () => resolve());
    });
    const pending = this.#channel as unknown as Pending;
    pending._chunk = pending._chunkcb = pending._chunkErr = pending._chunkcbErr = undefined;
  }
}
