import type { Socket } from 'node:net';

/**
 * Ends a connection with RST, as a crashed host or a firewall does; with FIN where that is on its way out already.
 *
 * Node loses a socket that it is told to reset while its end is still to be sent: libuv refuses, nobody closes it, and the
 * process never ends but spins.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
