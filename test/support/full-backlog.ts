import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { MARKER_VARIABLE, endServer, identify, signalProcess } from './processes';
import { entrust } from './reaper';
import { newMarker } from './server-process';
import type { Owned } from './test-owner';

/** A port where a connection is neither accepted nor refused. */
export interface FullBacklog {
  readonly address: '127.0.0.1';
  readonly port: number;
  stop(): Promise<void>;
}

const LISTEN = `
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(server.address().port));
`;

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
  const marker = newMarker();
  const child = spawn(process.execPath, ['-e', LISTEN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, [MARKER_VARIABLE]: marker },
  });
  await once(child, 'spawn');
  const server = identify(child.pid ?? 0);
  if (server === undefined) throw new Error('the listening process ended at once');
  const release = entrust({ server, marker });
  const fillers: Socket[] = [];
  const stop = async (): Promise<void> => {
    for (const socket of fillers) socket.destroy();
    await endServer(server, { sessions: 'end', marker });
    release();
  };
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const port = Number(line);
    signalProcess(server, 'SIGSTOP');
    for (;;) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      fillers.push(socket);
      // Loopback handshakes are made by the kernel alone. One that has not ended by now had its SYN dropped.
      if (!(await opened(socket, 500))) break;
      if (fillers.length > 64) throw new Error('the queue of connections does not fill');
    }
    child.unref();
    (child.stdout as unknown as { unref(): void }).unref();
    for (const socket of fillers) socket.unref();
    t?.after(stop);
    return { address: '127.0.0.1', port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
