import type { Socket } from 'node:net';
import { reset } from './reset';

/** The directions of a relay: from the client to the server, and back. */
export type RelayDirection = 'up' | 'down';

/** What a {@link Relay} asks and tells. */
export interface RelayHooks {
  /** How long the next piece waits; `first` for the first one of its direction. */
  readonly latencyMs: (direction: RelayDirection, first: boolean) => number;
  /** Bytes per second in each direction. */
  readonly bandwidth: () => number;
  readonly passed: (direction: RelayDirection, bytes: number) => void;
}

/** What waits here before the sender is held up. */
const MAX_PIECES = 64;

/** How often a second a narrow line passes something on. */
const PIECES_PER_SECOND = 20;

/** One direction: forwards in order, each piece as late as the latency says, and nothing while it is held. */
class OneWay {
  private held = false;
  private readonly queue: (Buffer | 'fin')[] = [];
  private timer: NodeJS.Timeout | undefined;
  private begun = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly direction: RelayDirection,
    private readonly hooks: RelayHooks
  ) {
    from.on('data', (chunk: Buffer) => this.take(chunk));
    from.on('end', () => this.take('fin'));
    to.on('drain', () => from.resume());
  }

  hold(): void {
    this.held = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  release(): void {
    this.held = false;
    this.next();
  }

  destroy(): void {
    this.hold();
    this.queue.length = 0;
  }

  private take(piece: Buffer | 'fin'): void {
    this.queue.push(piece);
    // What waits is held by the sender's kernel, as it is when a real network stalls.
    if (this.queue.length >= MAX_PIECES) this.from.pause();
    this.next();
  }

  private next(waited = false): void {
    if (this.held || this.timer !== undefined || this.queue.length === 0) return;
    const latency = waited ? 0 : this.hooks.latencyMs(this.direction, !this.begun);
    if (latency > 0) return this.wait(latency);
    this.begun = true;
    const bandwidth = this.hooks.bandwidth();
    // What has waited together goes together: latency is no limit of bandwidth.
    if (bandwidth === Infinity) return this.queue.splice(0).forEach((piece) => this.pass(piece));
    const piece = this.queue.shift() as Buffer | 'fin';
    if (piece === 'fin') return this.pass(piece);
    const part = piece.subarray(0, Math.ceil(bandwidth / PIECES_PER_SECOND));
    if (part.length < piece.length) this.queue.unshift(piece.subarray(part.length));
    this.pass(part);
    this.wait((part.length / bandwidth) * 1_000);
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.next(true);
    }, ms);
  }

  private pass(piece: Buffer | 'fin'): void {
    if (piece === 'fin') return void this.to.end();
    const more = this.to.write(piece);
    this.hooks.passed(this.direction, piece.length);
    if (!more) this.from.pause();
    else if (this.from.isPaused() && this.queue.length < MAX_PIECES) this.from.resume();
  }
}

/** A client's and a server's socket joined, with switches for the faults of a network. */
export class Relay {
  private readonly ways: readonly OneWay[];

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    hooks: RelayHooks
  ) {
    this.ways = [new OneWay(client, server, 'up', hooks), new OneWay(server, client, 'down', hooks)];
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => reset(other));
      socket.on('close', () => {
        // A side that is gone while the other is held: as on a dead line, the other does not get to know.
        if (!this.held) other.destroySoon();
      });
    }
  }

  private held = false;

  hold(): void {
    this.held = true;
    for (const way of this.ways) way.hold();
  }

  release(): void {
    this.held = false;
    for (const way of this.ways) way.release();
    if (this.client.destroyed) this.server.destroySoon();
    if (this.server.destroyed) this.client.destroySoon();
  }

  fin(): void {
    this.hold();
    this.client.end();
    this.server.end();
  }

  rst(): void {
    reset(this.client);
    reset(this.server);
  }

  destroy(): void {
    for (const way of this.ways) way.destroy();
    this.client.destroy();
    this.server.destroy();
  }

  onClosed(listener: () => void): void {
    const look = (): void => {
      if (!this.client.destroyed || !this.server.destroyed) return;
      // Nobody is left to whom something that waits could be passed.
      for (const way of this.ways) way.destroy();
      listener();
    };
    this.client.on('close', look);
    this.server.on('close', look);
  }
}
