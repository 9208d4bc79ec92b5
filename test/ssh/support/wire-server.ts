import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Server, utils } from 'ssh2';
import type { AuthContext, Connection, ParsedKey, ServerConfig, Session } from 'ssh2';
import { makeKeyFiles } from '../../support/key-files';
import { makeScratch } from '../../support/scratch';
import { startTcpScript } from '../../support/tcp-script';
import type { ServerLike } from './engine';
import { string, uint32 } from './packets';

/** What ssh2 sends a packet with; the tests need packets that its server never sends. */
interface Sender {
  readonly _protocol: {
    readonly _packetRW: {
      readonly write: { allocStart: number; alloc(size: number): Buffer; finalize(p: Buffer): Buffer };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
    readonly _hostKeys: Record<string, ParsedKey>;
  };
}

// The first channel of a connection, to which all of this is sent.
const CHANNEL = uint32(0);

/** The messages of RFC 4253 and RFC 4254, sent by a server whenever a test likes. */
export class Wire {
  constructor(
    readonly connection: Connection,
    readonly socket: Socket
  ) {}

  /** Sends a payload as one packet. */
  raw(...parts: readonly Uint8Array[]): this {
    const payload = Buffer.concat(parts);
    const { _packetRW: packets, _cipher: cipher } = (this.connection as unknown as Sender)._protocol;
    const packet = packets.write.alloc(payload.length);
    packet.set(payload, packets.write.allocStart);
    cipher.encrypt(packets.write.finalize(packet));
    return this;
  }

  /** Exchanges keys again, also with the host key of another file; calls back when that is done. */
  rekey(hostKeyFile: string | undefined, done: () => void): this {
    const { _protocol: protocol } = this.connection as unknown as Sender;
    if (hostKeyFile !== undefined) {
      const key = utils.parseKey(readFileSync(hostKeyFile)) as ParsedKey;
      protocol._hostKeys[key.type] = key;
    }
    this.connection.rekey(done);
    return this;
  }

  disconnect = (reason: number, text = ''): this =>
    this.raw(Buffer.from([1]), uint32(reason), string(text), string(''));
  ignore = (): this => this.raw(Buffer.from([2]), string('noise'));
  /** A banner of the authentication (RFC 4252 section 5.4). */
  banner = (text: string): this => this.raw(Buffer.from([53]), string(text), string(''));
  openFailure = (reason: number, text = ''): this =>
    this.raw(Buffer.from([92]), CHANNEL, uint32(reason), string(text), string(''));
  data = (data: string | Uint8Array): this => this.raw(Buffer.from([94]), CHANNEL, string(data));
  stderr = (data: string | Uint8Array): this => this.raw(Buffer.from([95]), CHANNEL, uint32(1), string(data));
  /** A global request, which every client has to answer. */
  ping = (): this => this.raw(Buffer.from([80]), string('ping@test'), Buffer.from([1]));
  eof = (): this => this.raw(Buffer.from([96]), CHANNEL);
  close = (): this => this.raw(Buffer.from([97]), CHANNEL);
  success = (): this => this.raw(Buffer.from([99]), CHANNEL);
  failure = (): this => this.raw(Buffer.from([100]), CHANNEL);
  exitStatus = (code: number): this =>
    this.raw(Buffer.from([98]), CHANNEL, string('exit-status'), Buffer.from([0]), uint32(code));
  exitSignal = (name: string): this =>
    this.raw(
      Buffer.from([98]),
      CHANNEL,
      string('exit-signal'),
      Buffer.from([0]),
      string(name),
      Buffer.from([0]),
      string(''),
      string('')
    );
}

/** What a wire server does; by default it accepts everything and leaves the exec request unanswered. */
export interface WireScript {
  /** Told of each connection before anything comes from it. */
  readonly onConnection?: (wire: Wire) => void;
  /** More for ssh2's server, such as `algorithms`. */
  readonly server?: Omit<ServerConfig, 'hostKeys' | 'debug'>;
  readonly onAuth?: (context: AuthContext, wire: Wire) => void;
  readonly onSession?: (accept: () => Session, wire: Wire) => void;
  readonly onPty?: (wire: Wire) => void;
  readonly onExec?: (wire: Wire, command: string) => void;
  readonly onSignal?: (wire: Wire, name: string) => void;
}

/** A server whose every packet after the key exchange a test decides. */
export interface WireServer extends Required<Omit<ServerLike, 'user'>> {
  readonly hostKeyFile: string;
  readonly commands: readonly string[];
  readonly signals: readonly string[];
  readonly authMethods: readonly string[];
  readonly sockets: readonly Socket[];
  /** Resolves once ssh2's server has had a packet from the client, by the beginning of its debug line. */
  received(packet: string): Promise<void>;
}

/** Starts a {@link WireServer}; it ends with the test. */
export async function startWireServer(t: Pick<TestContext, 'after'>, script: WireScript): Promise<WireServer> {
  const scratch = makeScratch({ t });
  const hostKey = makeKeyFiles(join(scratch.path, 'host'));
  const client = makeKeyFiles(join(scratch.path, 'client'));
  const [commands, signals, authMethods]: [string[], string[], string[]] = [[], [], []];
  const lines: string[] = [];
  const arrivals = new EventEmitter();

  const serveSession = (session: Session, wire: Wire): void => {
    session.on('pty', () => (script.onPty ? script.onPty(wire) : wire.success()));
    session.on('exec', (_accept, _reject, { command }) => {
      commands.push(command);
      script.onExec?.(wire, command);
    });
  };
  const serve = (connection: Connection, wire: Wire): void => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      authMethods.push(context.method);
      if (script.onAuth) script.onAuth(context, wire);
      else context.accept();
    });
    connection.on('session', (accept) => {
      const opened = (): Session => {
        const session = accept();
        serveSession(session, wire);
        return session;
      };
      if (script.onSession) script.onSession(opened, wire);
      else opened();
    });
  };
  const tcp = await startTcpScript(
    (socket) => {
      let wire: Wire | undefined;
      // ssh2's server tells a close of a channel that it has not accepted, and a signal after the end of stdin, nowhere
      // else.
      const debug = (line: string): void => {
        lines.push(line.slice(line.indexOf(']') + 2));
        arrivals.emit('line');
        const [, name] = /Inbound: CHANNEL_REQUEST \(r:0, signal: (\w+)\)/.exec(line) ?? [];
        if (name === undefined || !wire) return;
        signals.push(name);
        // Not in the middle of what ssh2 does with the packet.
        setImmediate((on: Wire) => script.onSignal?.(on, name), wire);
      };
      const config = { ...script.server, hostKeys: [readFileSync(hostKey.file)], debug };
      const server = new Server(config, (connection) => {
        wire = new Wire(connection, socket);
        script.onConnection?.(wire);
        serve(connection, wire);
      });
      server.on('error', () => undefined);
      // Each packet leaves when it is sent, not with the acknowledgement of the one before.
      socket.setNoDelay(true);
      socket.on('end', () => socket.end());
      server.injectSocket(socket);
    },
    { t }
  );
  const { address, port, sockets } = tcp;
  return {
    address,
    port,
    sockets,
    clientKeyFile: client.file,
    hostFingerprint: hostKey.fingerprint,
    hostKeyFile: hostKey.file,
    commands,
    signals,
    authMethods,
    received: async (packet) => {
      while (!lines.some((line) => line.startsWith(`Inbound: ${packet}`))) await once(arrivals, 'line');
    },
  };
}
