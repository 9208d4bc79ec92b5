/** What ssh2 does with one channel, seen from outside. */
export interface ChannelEvents {
  /** The server confirmed the channel; these are its numbers at our side and at the server's. */
  confirmed(local: number, remote: number): void;
  /** The exec request went out: from here on the command may run. */
  execSent(): void;
  /** The server refused a request on the channel. */
  requestRefused(): void;
  /** The server closed the channel: all that it had to say was received. */
  closed(): void;
}

interface Watch {
  readonly local: string;
  remote?: string;
  readonly events: ChannelEvents;
}

const OPENING = /^Outbound: Sending CHANNEL_OPEN \(r:(\d+), session\)/;
const CONFIRMED = /^Inbound: CHANNEL_OPEN_CONFIRMATION \(r:(\d+), s:(\d+)\)/;
const EXEC = /^Outbound: Sending CHANNEL_REQUEST \(r:(\d+), exec: /;
const CLOSED = /^Inbound: CHANNEL_CLOSE \(r:(\d+)\)/;
const REFUSED = /^Inbound: CHANNEL_FAILURE \(r:(\d+)\)/;

/**
 * Follows channels through ssh2's debug lines, the only place where it tells that a channel was confirmed, that the
 * exec request was sent, and whether a request was refused or the channel closed instead of an answer.
 *
 * Whoever finds that a channel was never seen opening here must assume the worst of it: see {@link watch}.
 */
export class ChannelTrace {
  readonly #watches = new Set<Watch>();
  #opening: string | undefined;
  #inboundPackets = 0;

  /** How many packets the server has sent so far: each is a sign of life. */
  get inboundPackets(): number {
    return this.#inboundPackets;
  }

  /** To be given to ssh2 as `debug`. The lines may hold commands; nothing of them is kept. */
  readonly debug = (line: string): void => {
    // Data packets are by far the most; their lines are told apart by one character.
    if (line[0] === 'O') return this.#outbound(line);
    if (line[0] === 'I') this.#inboundPackets += 1;
    if (line.startsWith('Inbound: CHANNEL_') && !line.startsWith('DATA', 17)) this.#inbound(line);
  };

  /**
   * Runs `open`, which opens one channel, and reports what happens to that channel until the returned function is
   * called. Returns `undefined` when the opening was not seen: nothing can be told about the channel then.
   */
  watch(open: () => void, events: ChannelEvents): (() => void) | undefined {
    this.#opening = undefined;
    open();
    const local = this.#opening as string | undefined;
    if (local === undefined) return undefined;
    const watch: Watch = { local, events };
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  }

  #outbound(line: string): void {
    const opening = OPENING.exec(line);
    if (opening) this.#opening = opening[1];
    const remote = EXEC.exec(line)?.[1];
    if (remote !== undefined) this.#each((watch) => watch.remote === remote && watch.events.execSent());
  }

  #inbound(line: string): void {
    const confirmed = CONFIRMED.exec(line);
    if (confirmed) {
      const [, local, remote] = confirmed;
      this.#each((watch) => {
        if (watch.local !== local || remote === undefined) return;
        watch.remote = remote;
        watch.events.confirmed(Number(local), Number(remote));
      });
      return;
    }
    const refused = REFUSED.exec(line)?.[1];
    if (refused !== undefined) this.#each((watch) => watch.local === refused && watch.events.requestRefused());
    const closed = CLOSED.exec(line)?.[1];
    if (closed !== undefined) this.#each((watch) => watch.local === closed && watch.events.closed());
  }

  #each(act: (watch: Watch) => unknown): void {
    for (const watch of [...this.#watches]) act(watch);
  }
}
