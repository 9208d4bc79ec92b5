import type { Socket } from 'node:net';

interface Handle {
  onread?: unknown;
  reset?(callback: () => void): number;
}

/**
 * Ends a connection with RST, as a crashed host or a firewall does; with FIN where that is on its way out already.
 *
 * Node loses a socket whose reset libuv refuses, as it does while an end is still to be sent: nobody closes it, and the
 * process never ends but spins. Its own `resetAndDestroy` sends such an end first; so the handle is reset itself.
 */
export function reset(socket: Socket): void {
  const owner = socket as unknown as { _handle: Handle | null };
  const handle = owner._handle;
  const ending = socket.writableEnded && !socket.writableFinished;
  if (handle?.reset && !ending && !socket.connecting) {
    handle.onread = () => undefined;
    handle.reset(() => undefined);
    // What is left is the socket's own end.
    owner._handle = null;
  }
  socket.destroy();
}
