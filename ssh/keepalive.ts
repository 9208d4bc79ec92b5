import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { ChannelTrace } from './channel-trace';
import { settleOnce } from './settle-once';
import type { SshConnection } from './ssh-connection';
import { LONGEST_TIMEOUT_MS } from './stage-clock';
import type { KeepaliveLimits } from './target';

interface Internals {
  readonly _callbacks?: unknown[];
  readonly _protocol?: { ping?(): void };
}

/** A dead peer is found within a minute. */
export const DEFAULT_KEEPALIVE: KeepaliveLimits = Object.freeze({ intervalMs: 15_000, countMax: 3 });

/** When a silent peer counts as dead, and what happens then. */
export interface KeepaliveOptions extends KeepaliveLimits {
  /** Counts what comes from the peer. */
  readonly trace: Pick<ChannelTrace, 'inboundPackets'>;
  readonly onDead: () => void;
}

/**
 * Asks a silent peer for a sign of life, as OpenSSH's `ServerAliveInterval` and `ServerAliveCountMax` do: whatever comes
 * from it counts as one.
 *
 * ssh2 has the same, but with a timer that would keep a process alive for the sake of an idle connection, and it takes
 * output for no sign of life. Returns how to stop; stops by itself when the stream closes.
 */
export function startKeepalive(client: Client, stream: Duplex, options: KeepaliveOptions): () => void {
  const { intervalMs, countMax, trace, onDead } = options;
  if (intervalMs === 0) return () => undefined;
  let seen = trace.inboundPackets;
  let missed = 0;
  const look = (): void => {
    const now = trace.inboundPackets;
    missed = now === seen ? missed + 1 : 0;
    seen = now;
    if (missed > countMax) onDead();
    else if (missed > 0) ping(client);
  };
  const timer = setInterval(look, Math.min(intervalMs, LONGEST_TIMEOUT_MS));
  timer.unref();
  const stop = (): void => clearInterval(timer);
  stream.once('close', stop);
  return stop;
}

/**
 * Asks the peer for a sign of life, and waits for it; false when none comes in time, or the connection ends. True at once
 * where it cannot be asked: then the deadline for the channel has to find out.
 */
export function answersWithin(connection: SshConnection, ms: number): Promise<boolean> {
  return settleOnce((settlement) => {
    let lastLook: NodeJS.Immediate | undefined;
    // Sockets are read after timers: where this process stood still, the answer may be there.
    const timer = setTimeout(() => (lastLook = setImmediate(() => settlement.resolve(false))), ms);
    settlement.onSettled(() => {
      clearTimeout(timer);
      clearImmediate(lastLook);
    });
    settlement.onSettled(connection.onLost(() => settlement.resolve(false)));
    if (!settlement.settled && !ping(connection.client, () => settlement.resolve(true))) settlement.resolve(true);
  });
}

/**
 * A global request that nobody knows: RFC 4254 section 4 has the peer answer it with a failure, which is all we want.
 * Whether it could be sent.
 */
function ping(client: Client, onAnswer: () => void = () => undefined): boolean {
  const { _callbacks: callbacks, _protocol: protocol } = client as unknown as Internals;
  if (!Array.isArray(callbacks) || typeof protocol?.ping !== 'function') return false;
  callbacks.push(onAnswer);
  try {
    protocol.ping();
    return true;
  } catch {
    // The connection is going; its own events say so.
    callbacks.pop();
    return false;
  }
}
