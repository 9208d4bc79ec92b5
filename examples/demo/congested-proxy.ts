import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What a congested server does with a connection. */
export type Behaviour = 'silent' | 'busy' | 'pass';

/** A proxy that behaves like an overloaded SSH server for a while. */
export interface CongestedProxy {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on loopback. The first connections are treated by the plan: `silent` accepts and says nothing, so that the
 * identification never comes; `busy` says what OpenSSH says over its `MaxStartups`, and closes. All others pass.
 */
export async function startCongestedProxy(
  targetPort: number,
  plan: readonly Behaviour[],
  onConnection: (number: number, behaviour: Behaviour) => void
): Promise<CongestedProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((socket) => {
    const behaviour = plan[count] ?? 'pass';
    count += 1;
    onConnection(count, behaviour);
    track(socket);
    if (behaviour === 'silent') return void socket.resume();
    if (behaviour === 'busy') return void socket.end('Exceeded MaxStartups\r\n');
    const upstream = track(connect(targetPort, '127.0.0.1'));
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
