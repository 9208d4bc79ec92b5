import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { startStoppedListener } from './stopped-listener';
import type { StoppedListener } from './stopped-listener';
import type { Owned } from './test-owner';

/** A port where a connection is neither accepted nor refused. */
export type FullBacklog = StoppedListener;

async function opened(socket: Socket, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/**
 * Provokes a connect timeout for real: a listening process is stopped (SIGSTOP), then its queue of connections is
 * filled. From then on Linux drops each SYN without an answer, as a host behind a dropping firewall does.
 */
export async function startFullBacklog({ t }: Owned = {}): Promise<FullBacklog> {
  const listener = await startStoppedListener({ backlog: 1 });
  const { address, port } = listener;
  const fillers: Socket[] = [];
  const stop = async (): Promise<void> => {
    for (const socket of fillers) socket.destroy();
    await listener.stop();
  };
  try {
    for (;;) {
      const socket = connect({ host: address, port });
      socket.on('error', () => undefined);
      fillers.push(socket);
      // Loopback handshakes are made by the kernel alone. One that has not ended by now had its SYN dropped.
      if (!(await opened(socket, 500))) break;
      if (fillers.length > 64) throw new Error('the queue of connections does not fill');
    }
    for (const socket of fillers) socket.unref();
    t?.after(stop);
    return { address, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
