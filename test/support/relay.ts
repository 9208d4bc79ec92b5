import type { Socket } from 'node:net';

/** The directions of a relay: from the client to the server, and back. */
export type RelayDirection = 'up' | 'down';

/** What a {@link Relay} asks and tells. */
export interface RelayHooks {
  readonly latencyMs: () => number;
  readonly passed: (direction: RelayDirection, bytes: number) => void;
}

/** One direction: forwards in order, each piece as late as the latency says, and nothing while it is held. */
class OneWay {
  private held = false;
  private readonly queue: (Buffer | 'fin')[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly latencyMs: () => number,
    private readonly passed: (bytes: number) => void
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
    if (this.queue.length >= 64) this.from.pause();
    this.next();
  }

  private next(): void {
    if (this.held || this.timer !== undefined || this.queue.length === 0) return;
    const latency = this.latencyMs();
    if (latency === 0) return this.pass();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.pass();
    }, latency);
  }

  private pass(): void {
    // What has waited together goes together: latency is no limit of bandwidth.
    for (const piece of this.queue.splice(0)) {
      if (piece === 'fin') this.to.end();
      else {
        const more = this.to.write(piece);
        this.passed(piece.length);
        if (!more) this.from.pause();
        else if (this.from.isPaused()) this.from.resume();
      }
    }
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
    this.ways = [
      new OneWay(client, server, hooks.latencyMs, (bytes) => hooks.passed('up', bytes)),
      new OneWay(server, client, hooks.latencyMs, (bytes) => hooks.passed('down', bytes)),
    ];
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => other.resetAndDestroy());
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
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  destroy(): void {
    for (const way of this.ways) way.destroy();
    this.client.destroy();
    this.server.destroy();
  }

  onClosed(listener: () => void): void {
    const look = (): void => {
      if (this.client.destroyed && this.server.destroyed) listener();
    };
    this.client.on('close', look);
    this.server.on('close', look);
  }
}
