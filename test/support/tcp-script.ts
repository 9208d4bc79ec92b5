import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Owned } from './test-owner';

/** A raw server on a port of this machine. */
export interface TcpScript {
  readonly address: string;
  readonly port: number;
  /** All connections so far, closed ones included, in the order of their arrival. */
  readonly sockets: readonly Socket[];
  /** Resolves with the connection of an index, counted from 0, once it is there. */
  connection(index: number): Promise<Socket>;
  /** What a connection has sent so far. */
  received(index: number): Buffer;
  /** Resolves once a connection has sent so much that the predicate holds; rejects when it closes before. */
  waitForBytes(index: number, predicate: (all: Buffer) => boolean): Promise<Buffer>;
  /** Closes the port and all connections. */
  stop(): Promise<void>;
}

/** Sends bytes and resolves once the kernel has taken them. */
export async function send(socket: Socket, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

/** Ends our direction with FIN; bytes written before arrive first. */
export function fin(socket: Socket): void {
  socket.end();
}

/**
 * Starts a raw server. The handler is given each connection with its index, counted from 0; without one the server
 * accepts and stays silent. Half-open connections are kept, so that it is the handler who ends them.
 */
export async function startTcpScript(
  handler: (socket: Socket, index: number) => void = () => undefined,
  { t, address = '127.0.0.1', port: wanted = 0 }: Owned & { readonly address?: string; readonly port?: number } = {}
): Promise<TcpScript> {
  const sockets: Socket[] = [];
  const received: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = sockets.push(socket) - 1;
    received.push(Buffer.alloc(0));
    socket.on('data', (chunk: Buffer) => {
      received[index] = Buffer.concat([received[index] ?? Buffer.alloc(0), chunk]);
      server.emit('bytes');
    });
    // A peer that goes away is what these tests are about.
    socket.on('error', () => undefined);
    socket.on('close', () => server.emit('bytes'));
    handler(socket, index);
    server.emit('taken');
  });
  server.setMaxListeners(0);
  server.listen(wanted, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const script: TcpScript = {
    address,
    port,
    sockets,
    connection: async (index) => {
      for (;;) {
        const socket = sockets[index];
        if (socket !== undefined) return socket;
        await once(server, 'taken');
      }
    },
    received: (index) => received[index] ?? Buffer.alloc(0),
    waitForBytes: async (index, predicate) => {
      const socket = await script.connection(index);
      for (;;) {
        const all = script.received(index);
        if (predicate(all)) return all;
        if (socket.destroyed) throw new Error(`connection ${index} closed after ${all.length} bytes`);
        await once(server, 'bytes');
      }
    },
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  t?.after(() => script.stop());
  return script;
}
