import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Server } from 'ssh2';
import type {
  AcceptConnection,
  AuthContext,
  Connection,
  PseudoTtyInfo,
  RejectConnection,
  ServerChannel,
  ServerConfig,
  Session,
  TcpipRequestInfo,
} from 'ssh2';
import { stopAfterKexInit } from './kex-gate';
import { makeKeyFiles } from './key-files';
import type { KeyFiles } from './key-files';
import { makeScratch } from './scratch';
import { startTcpScript } from './tcp-script';
import type { TcpScript } from './tcp-script';
import type { Owned } from './test-owner';
import { reset } from './reset';

/** Where a connection goes wrong, and how. `auth` is the first request, `run` follows the answer to the exec request. */
export interface SshFault {
  readonly stage: 'banner' | 'kex' | 'auth' | 'channel' | 'exec' | 'run';
  readonly how: 'silence' | 'fin' | 'rst';
}

/** An exec request that waits for its answer. */
export interface ExecCall {
  readonly command: string;
  /** Index of the connection, counted from 0. */
  readonly connection: number;
  readonly socket: Socket;
  readonly env: Readonly<Record<string, string>>;
  readonly pty: boolean;
  /** Answers with success. */
  accept(): ServerChannel;
  /** Answers with failure. */
  reject(): void;
}

/** What {@link startSshScript} takes. All hooks may leave the request without an answer. */
export interface SshScriptOptions extends Owned {
  /** The fault of a connection, by its index counted from 0. @default none */
  readonly fault?: SshFault | ((connection: number) => SshFault | undefined);
  /** @default accepts everyone, `none` excepted */
  readonly onAuth?: (context: AuthContext, connection: number) => void;
  /** Answers a channel open. @default accepts */
  readonly onSession?: (accept: AcceptConnection<Session>, reject: RejectConnection, connection: number) => void;
  /** @default accepts, and ends with exit status 0 */
  readonly onExec?: (call: ExecCall) => void;
  /** @default accepts */
  readonly onPty?: (accept: () => void, reject: () => void, info: PseudoTtyInfo) => void;
  /** Answers a `direct-tcpip` channel open, as a jump host gets it. @default refuses (reason 1) */
  readonly onTcpip?: (accept: () => ServerChannel, reject: () => void, info: TcpipRequestInfo) => void;
  /** What the server believes to have identified itself with, and signs: for a front that changes it on the way. */
  readonly signedIdentification?: string;
  /** Where it listens. @default '127.0.0.1' */
  readonly address?: string;
  /** More for ssh2's server: `ident`, `greeting`, `banner`, `algorithms`. */
  readonly server?: Omit<ServerConfig, 'hostKeys'>;
}

/** A scripted SSH server. */
export interface SshScript extends Pick<TcpScript, 'address' | 'port' | 'sockets' | 'connection' | 'stop'> {
  readonly hostKey: KeyFiles;
  readonly hostFingerprint: string;
  readonly knownHostsLine: string;
  /** A key for clients; the default `onAuth` accepts any other one as well. */
  readonly clientKeyFile: string;
  /** The commands of all exec requests that have arrived, answered or not. */
  readonly commands: readonly string[];
  /** The methods of all authentication requests that have arrived. */
  readonly authMethods: readonly string[];
  /** Channel opens that have arrived, answered or not. */
  readonly sessions: number;
}

/** Ends a channel as a command does. */
export function exit(channel: ServerChannel, code: number): void {
  channel.exit(code);
  channel.end();
}

function end(socket: Socket, how: SshFault['how']): void {
  if (how === 'silence') return;
  // Not before what was answered so far has left.
  if (how === 'fin') socket.end();
  else socket.write('', () => reset(socket));
}

/**
 * Starts an SSH server inside the test process, on ssh2's server, whose answers a test decides.
 *
 * ssh2 cannot be made to stop before authentication. Up to there the fault is put on its socket: for `banner` ssh2 is
 * not given the connection at all, for `kex` nothing leaves after KEXINIT. From `auth` on, a fault is a request that
 * ssh2 has handed to us and that we do not answer.
 */
export async function startSshScript(options: SshScriptOptions = {}): Promise<SshScript> {
  const scratch = makeScratch();
  const hostKey = makeKeyFiles(join(scratch.path, 'host'));
  const client = makeKeyFiles(join(scratch.path, 'client'));
  const hostKeys = [readFileSync(hostKey.file)];
  const state = { commands: [] as string[], authMethods: [] as string[], sessions: 0 };
  const faultOf = (index: number): SshFault | undefined =>
    typeof options.fault === 'function' ? options.fault(index) : options.fault;

  const serveSession = (session: Session, index: number, socket: Socket, fault: SshFault | undefined): void => {
    const env: Record<string, string> = {};
    let pty = false;
    session.on(
      'env',
      (accept: (() => void) | undefined, _reject: unknown, { key, val }: { key: string; val: string }) => {
        env[key] = val;
        accept?.();
      }
    );
    session.on('pty', (accept: () => void, reject: () => void, info: PseudoTtyInfo) => {
      pty = true;
      if (options.onPty === undefined) accept();
      else options.onPty(accept, reject, info);
    });
    session.on('exec', (accept: () => ServerChannel, reject: () => void, { command }: { command: string }) => {
      state.commands.push(command);
      if (fault?.stage === 'exec') return end(socket, fault.how);
      if (fault?.stage === 'run') {
        accept();
        // Some kernels tell a RST as an end to a peer that has not read yet what came before it.
        setTimeout(() => end(socket, fault.how), 50);
        return;
      }
      if (options.onExec === undefined) return exit(accept(), 0);
      options.onExec({ command, connection: index, socket, env, pty, accept, reject });
    });
  };

  const serve = (connection: Connection, index: number, socket: Socket, fault: SshFault | undefined): void => {
    connection.on('error', () => undefined);
    if (options.signedIdentification !== undefined) {
      const { _protocol: protocol } = connection as unknown as { readonly _protocol: { _identRaw: Buffer } };
      protocol._identRaw = Buffer.from(options.signedIdentification);
    }
    connection.on('authentication', (context: AuthContext) => {
      state.authMethods.push(context.method);
      if (fault?.stage === 'auth') return end(socket, fault.how);
      if (options.onAuth !== undefined) return options.onAuth(context, index);
      if (context.method === 'none') context.reject(['publickey', 'password']);
      else context.accept();
    });
    connection.on('session', (accept: AcceptConnection<Session>, reject: RejectConnection) => {
      state.sessions += 1;
      if (fault?.stage === 'channel') return end(socket, fault.how);
      const opened = (): Session => {
        const session = accept();
        serveSession(session, index, socket, fault);
        return session;
      };
      if (options.onSession === undefined) opened();
      else options.onSession(opened, reject, index);
    });
    const { onTcpip } = options;
    if (fault?.stage === 'channel') connection.on('tcpip', () => end(socket, fault.how));
    else if (onTcpip) connection.on('tcpip', onTcpip);
  };

  const tcp = await startTcpScript(
    (socket, index) => {
      const fault = faultOf(index);
      if (fault?.stage === 'banner') {
        socket.resume();
        return end(socket, fault.how);
      }
      // A server of its own, so that connection and socket are known to belong together.
      const server = new Server({ ...options.server, hostKeys }, (connection) =>
        serve(connection, index, socket, fault)
      );
      server.on('error', () => undefined);
      if (fault?.stage === 'kex') {
        stopAfterKexInit(socket);
        // The client's first packet is its KEXINIT, which it sends once it knows our identification.
        void tcp
          .waitForBytes(index, (all) => all.length > all.indexOf('\n') + 5)
          .then(
            () => end(socket, fault.how),
            () => undefined
          );
      }
      // The raw server keeps half-open connections, for which ssh2 has no use.
      socket.on('end', () => socket.end());
      server.injectSocket(socket);
    },
    options.address === undefined ? {} : { address: options.address }
  );
  const stop = async (): Promise<void> => {
    await tcp.stop();
    scratch.remove();
  };
  options.t?.after(stop);
  return {
    address: tcp.address,
    port: tcp.port,
    sockets: tcp.sockets,
    connection: (index) => tcp.connection(index),
    stop,
    hostKey,
    hostFingerprint: hostKey.fingerprint,
    knownHostsLine: `[${tcp.address}]:${tcp.port} ${hostKey.publicKey}`,
    clientKeyFile: client.file,
    get commands() {
      return state.commands;
    },
    get authMethods() {
      return state.authMethods;
    },
    get sessions() {
      return state.sessions;
    },
  };
}
