import type { Socket } from 'node:net';

interface Handle {
  onread?: unknown;
  reset?(callback: () => void): number;
}

/**
 * Ends a connection with RST, as a crashed host or a firewall does; with FIN where that is on its way out already.
 *
 * Node's own `resetAndDestroy` ends the socket first. Where that end is still to be sent, libuv refuses the reset, nobody
 * closes the socket, and the process never ends but spins. So the handle is reset itself, with nothing sent before.
 */
export function reset(socket: Socket): void {
  const owner = socket as unknown as { _handle: Handle | null };
  const handle = owner._handle;
  if (handle?.reset && handle.reset(() => undefined) === 0) {
    handle.onread = () => undefined;
    // What is left is the socket's own end.
    owner._handle = null;
  }
  socket.destroy();
}
