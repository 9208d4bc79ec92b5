import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Server } from 'ssh2';
import type { Connection } from 'ssh2';
import { makeKeyFiles } from '../../support/key-files';
import { makeScratch } from '../../support/scratch';
import type { ServerLike } from '../support/engine';
import { Wire } from '../support/wire-server';

/** What the server of one connection does; whatever is not given is done well. */
export interface Behaviour {
  /** Each packet of the key exchange, as it would go out; returns what goes out instead. */
  readonly onClearPacket?: (packet: Buffer) => readonly Buffer[];
  readonly onAuth?: (
    wire: Wire,
    request: { readonly method: string; readonly algorithm: string; readonly key: Buffer }
  ) => void;
  readonly onOpen?: (wire: Wire, channel: number) => void;
  readonly onExec?: (wire: Wire, channel: number, command: string) => void;
}

/** What is overridden of ssh2's server: the messages go to the behaviour instead. */
interface Internals {
  readonly _sock: Socket;
  readonly _protocol: {
    authSuccess(): void;
    readonly _handlers: {
      USERAUTH_REQUEST(
        p: unknown,
        user: string,
        service: string,
        method: string,
        data?: { keyAlgo?: string; key?: Buffer }
      ): void;
      CHANNEL_OPEN(p: unknown, info: { readonly sender: number }): void;
      CHANNEL_REQUEST(p: unknown, channel: number, type: string, wantReply: boolean, data: unknown): void;
    };
  };
}

/** A server for very many connections: one listener, one host key. */
export interface FuzzServer extends Required<Omit<ServerLike, 'user'>> {
  /** How the server treats the connection that comes from this port of the client; may be changed at any time. */
  readonly behaviours: Map<number, Behaviour>;
}

/** Starts a {@link FuzzServer}; it ends with the test. */
export async function startFuzzServer(t: Pick<TestContext, 'after'>): Promise<FuzzServer> {
  const scratch = makeScratch({ t });
  const hostKey = makeKeyFiles(join(scratch.path, 'host'));
  const client = makeKeyFiles(join(scratch.path, 'client'));
  const behaviours = new Map<number, Behaviour>();
  const sockets = new Set<Socket>();

  const server = new Server({ hostKeys: [readFileSync(hostKey.file)] }, (connection: Connection) => {
    const { _sock: socket, _protocol: protocol } = connection as unknown as Internals;
    const port = socket.remotePort ?? 0;
    const wire = new Wire(connection, socket);
    const behaviour = (): Behaviour => behaviours.get(port) ?? {};
    sockets.add(socket);
    connection.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      behaviours.delete(port);
    });
    interceptKeyExchange(socket, behaviour);
    const { _handlers: handlers } = protocol;
    handlers.USERAUTH_REQUEST = (_p, _user, _service, method, data) => {
      const { onAuth } = behaviour();
      const { keyAlgo: algorithm = '', key = Buffer.alloc(0) } = data ?? {};
      if (onAuth) onAuth(wire, { method, algorithm, key });
      else protocol.authSuccess();
    };
    handlers.CHANNEL_OPEN = (_p, { sender }) => behaviour().onOpen?.(wire, sender);
    handlers.CHANNEL_REQUEST = (_p, channel, type, _wantReply, data) => {
      if (type === 'exec') behaviour().onExec?.(wire, channel, String(data));
    };
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: '127.0.0.1',
    port,
    clientKeyFile: client.file,
    hostFingerprint: hostKey.fingerprint,
    behaviours,
  };
}

/** Until the keys are in use ssh2 writes each packet in one piece, in the clear. The identification comes first. */
function interceptKeyExchange(socket: Socket, behaviour: () => Behaviour): void {
  const write = (bytes: Buffer): boolean => Socket.prototype.write.call(socket, bytes);
  socket.write = (data: string | Uint8Array): boolean => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    const { onClearPacket } = behaviour();
    if (!onClearPacket || bytes.subarray(0, 4).toString('latin1') === 'SSH-') return write(bytes);
    let room = true;
    for (const packet of onClearPacket(bytes)) room = write(packet);
    return room;
  };
}
