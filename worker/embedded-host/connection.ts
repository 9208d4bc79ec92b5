import type { Socket } from 'node:net';
import { Server } from 'ssh2';
import type { Connection } from 'ssh2';
import { createAuthenticator } from './authentication';
import type { Account } from './authentication';
import type { ProcessGroups } from './process-groups';
import { serveSession } from './session';

/** As sshd's `MaxSessions`: sessions that may be open at once on one connection. */
export const MAX_SESSIONS = 10;

/** As sshd's `LoginGraceTime`, in milliseconds. */
export const LOGIN_GRACE_MS = 30_000;

/** How long a client may take to hang up after it was told to. */
const GOODBYE_MS = 1000;

/** What all connections of a host share. */
export interface ConnectionContext {
  readonly account: Account;
  /** The host's private key. */
  readonly hostKey: string;
  readonly directory: string;
  readonly groups: ProcessGroups;
}

function serveClient(client: Connection, socket: Socket, context: ConnectionContext, authenticated: () => void): void {
  const { account, directory, groups } = context;
  const ends = {
    clientAddress: socket.remoteAddress ?? '127.0.0.1',
    clientPort: socket.remotePort ?? 0,
    serverAddress: socket.localAddress ?? '127.0.0.1',
    serverPort: socket.localPort ?? 0,
  };
  const sessions = new Set<() => void>();
  // Without a listener the error of one client would end the process.
  client.on('error', () => undefined);
  client.on(
    'authentication',
    createAuthenticator(account, () => client.end())
  );
  client.on('ready', authenticated);
  client.on('session', (accept, reject) => {
    if (sessions.size >= MAX_SESSIONS) {
      reject();
      return;
    }
    const session = accept();
    const gone = serveSession(session, { ends, directory, groups });
    sessions.add(gone);
    session.on('close', () => sessions.delete(gone));
  });
  socket.once('close', () => {
    for (const gone of sessions) gone();
  });
}

/**
 * Speaks SSH on an accepted socket.
 *
 * @returns disconnects the client; resolves when its socket is closed
 */
export function serveConnection(socket: Socket, context: ConnectionContext): () => Promise<void> {
  let client: Connection | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  const grace = setTimeout(() => socket.destroy(), LOGIN_GRACE_MS);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      clearTimeout(grace);
      resolve();
    });
  });
  // One server for each socket, which never listens, because that tells which client belongs to which socket. ssh2
  // cannot be told to send no keepalives; a worker that stands in a debugger shall not lose its connections.
  const server = new Server({ hostKeys: [context.hostKey], ident: 'temporal-ssh', keepaliveInterval: 2 ** 31 - 1 });
  server.on('connection', (connection) => {
    client = connection;
    serveClient(connection, socket, context, () => clearTimeout(grace));
  });
  server.injectSocket(socket);

  return async () => {
    client?.end();
    if (client === undefined) socket.destroy();
    const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
    await closed;
    clearTimeout(timer);
  };
}
