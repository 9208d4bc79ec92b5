import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { reset } from './reset';
import type { Owned } from './test-owner';
import type { RealServer } from './real-server';

/** Where a client connects to instead of the server itself. */
export type Through = Pick<RealServer, 'address' | 'port'>;

/** After how many bytes of one direction, of which it lets all through, a connection is cut. */
export interface Cut {
  readonly direction: 'up' | 'down';
  readonly after: number;
  readonly how: 'fin' | 'rst';
}

/** A TCP proxy that cuts each connection at a byte. */
export interface CuttingProxy extends Through {
  /** Bytes that have passed on all connections, towards the server and back. */
  readonly passed: { readonly up: number; readonly down: number };
  /** How many connections were cut. */
  readonly cuts: number;
}

/** Starts one; `cutOf` decides for each connection, by its index counted from 0. */
export async function startCuttingProxy(
  { t }: Required<Owned>,
  target: Through,
  cutOf: (index: number) => Cut | undefined
): Promise<CuttingProxy> {
  const passed = { up: 0, down: 0 };
  const sockets = new Set<Socket>();
  let [connections, cuts] = [0, 0];
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const cut = cutOf(connections);
    connections += 1;
    const server = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    let isCut = false;
    const pass = (direction: 'up' | 'down', from: Socket, to: Socket): void => {
      let left = cut?.direction === direction ? cut.after : Infinity;
      sockets.add(from);
      from.on('error', () => reset(to));
      from.on('end', () => to.end());
      from.on('close', () => {
        sockets.delete(from);
        to.destroySoon();
      });
      to.on('drain', () => from.resume());
      from.on('data', (chunk: Buffer) => {
        if (isCut) return;
        const part = chunk.subarray(0, left);
        left -= part.length;
        passed[direction] += part.length;
        if (!to.write(part)) from.pause();
        if (left > 0) return;
        isCut = true;
        cuts += 1;
        // What was let through arrives, and then the end.
        to.end(() => (cut?.how === 'rst' ? reset(to) : undefined));
        if (cut?.how === 'rst') reset(from);
        else from.end();
        from.resume();
      });
    };
    pass('up', client, server);
    pass('down', server, client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(async () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
    await once(listener, 'close');
  });
  const { port } = listener.address() as AddressInfo;
  return {
    address: '127.0.0.1',
    port,
    passed,
    get cuts() {
      return cuts;
    },
  };
}
