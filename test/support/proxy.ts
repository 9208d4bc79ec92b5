import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Relay } from './relay';
import type { Owned } from './test-owner';
import { reset } from './reset';

/** What becomes of a new connection. */
export type ProxyPlan =
  | 'forward'
  /** Accepted, and nothing comes. */
  | 'silent'
  | 'fin'
  | 'rst'
  /** Given a text instead of the server, then FIN, as a busy server's front does. */
  | { readonly text: string };

/** What {@link startProxy} takes. */
export interface ProxyOptions extends Owned {
  readonly target: { readonly address: string; readonly port: number };
  /** Decides for each connection, by its index counted from 0. @default () => 'forward' */
  readonly plan?: (index: number) => ProxyPlan;
}

/** A TCP proxy that a test can make misbehave while connections run through it. */
export interface FaultProxy {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** Delay in milliseconds of what is forwarded from now on, in each direction. */
  latencyMs: number;
  /** How many milliseconds later than `latencyMs` the first byte of a server reaches its client. @default 0 */
  firstByteDelayMs: number;
  /** Bytes per second that pass in each direction of a connection from now on. @default Infinity */
  bandwidth: number;
  /** Decides for connections to come. */
  plan: (index: number) => ProxyPlan;
  /** Connections taken so far. */
  readonly connections: number;
  /** Connections that are open. */
  readonly open: number;
  /** Bytes forwarded from clients to the server. */
  readonly bytesUp: number;
  /** Bytes forwarded from the server to clients. */
  readonly bytesDown: number;
  /** From now on nothing passes, in either direction and for new connections too; nobody is told. */
  drop(): void;
  /** Lets pass again, what was dropped meanwhile included, as TCP's retransmission does. */
  restore(): void;
  /** Drops as soon as so many more bytes have passed to the server. */
  dropAfterBytesUp(bytes: number): void;
  /** Ends all open connections with FIN towards both sides. */
  fin(): void;
  /** Ends all open connections with RST towards both sides. */
  rst(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a free loopback port. */
export async function startProxy({ t, target, plan = () => 'forward' }: ProxyOptions): Promise<FaultProxy> {
  const relays = new Set<Relay>();
  const others = new Set<Socket>();
  const totals = { connections: 0, up: 0, down: 0 };
  let dropping = false;
  let dropAt = Infinity;

  const forward = (client: Socket): void => {
    const server = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    const relay = new Relay(client, server, {
      latencyMs: (direction, first) => proxy.latencyMs + (first && direction === 'down' ? proxy.firstByteDelayMs : 0),
      bandwidth: () => proxy.bandwidth,
      passed: (direction, bytes) => {
        totals[direction] += bytes;
        if (totals.up >= dropAt) proxy.drop();
      },
    });
    relays.add(relay);
    if (dropping) relay.hold();
    relay.onClosed(() => relays.delete(relay));
  };
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => undefined);
    const what = proxy.plan(totals.connections);
    totals.connections += 1;
    if (what === 'forward') return forward(client);
    others.add(client);
    client.on('close', () => others.delete(client));
    client.resume();
    if (what === 'rst') reset(client);
    else if (what === 'fin') client.end();
    else if (what !== 'silent') client.end(what.text);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  const proxy: FaultProxy = {
    address: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    latencyMs: 0,
    firstByteDelayMs: 0,
    bandwidth: Infinity,
    plan,
    get connections() {
      return totals.connections;
    },
    get open() {
      return relays.size + others.size;
    },
    get bytesUp() {
      return totals.up;
    },
    get bytesDown() {
      return totals.down;
    },
    drop: () => {
      dropping = true;
      dropAt = Infinity;
      for (const relay of relays) relay.hold();
    },
    restore: () => {
      dropping = false;
      for (const relay of relays) relay.release();
    },
    dropAfterBytesUp: (bytes) => {
      dropAt = totals.up + bytes;
    },
    fin: () => {
      for (const relay of relays) relay.fin();
      for (const socket of others) socket.end();
    },
    rst: () => {
      for (const relay of relays) relay.rst();
      for (const socket of others) reset(socket);
    },
    stop: async () => {
      if (!listener.listening) return;
      const closed = once(listener, 'close');
      listener.close();
      for (const relay of relays) relay.destroy();
      for (const socket of others) socket.destroy();
      await closed;
    },
  };
  t?.after(() => proxy.stop());
  return proxy;
}
