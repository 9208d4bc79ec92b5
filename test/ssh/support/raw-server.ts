import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { startTcpScript } from '../../support/tcp-script';
import type { TcpScript } from '../../support/tcp-script';

/**
 * A raw server that closes its side once the client's is gone, so that a client that stays is seen as a handle that is
 * left. The handler returns how to stop what it goes on doing.
 */
export async function startRawServer(
  t: Pick<TestContext, 'after'>,
  handler: (socket: Socket) => void | (() => void)
): Promise<TcpScript> {
  return startTcpScript(
    (socket) => {
      const stop = handler(socket);
      if (stop) socket.once('close', stop);
      socket.on('end', () => socket.end());
      // A reset reaches a socket that only writes as an error of the write, which destroys it.
    },
    { t }
  );
}

/** Writes again and again until the connection is gone. */
export function repeat(socket: Socket, intervalMs: number, text: () => string | Uint8Array): () => void {
  const timer = setInterval(() => socket.write(text()), intervalMs);
  return () => clearInterval(timer);
}
