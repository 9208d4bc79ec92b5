import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { MARKER_VARIABLE, endServer, identify, signalProcess } from './processes';
import { entrust } from './reaper';
import { newMarker } from './server-process';
import type { Owned } from './test-owner';

/** A port whose connections the kernel takes, up to the backlog, and that no program ever looks at. */
export interface StoppedListener {
  readonly address: '127.0.0.1';
  readonly port: number;
  stop(): Promise<void>;
}

function listenSource(backlog: number): string {
  return `
    const server = require('node:net').createServer();
    server.listen({ host: '127.0.0.1', port: 0, backlog: ${backlog} }, () => console.log(server.address().port));
  `;
}

/** Starts a process that listens, and stops it (SIGSTOP) before it can accept anything: a host that has hung up. */
export async function startStoppedListener({
  t,
  backlog = 64,
}: Owned & { readonly backlog?: number } = {}): Promise<StoppedListener> {
  const marker = newMarker();
  const child = spawn(process.execPath, ['-e', listenSource(backlog)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, [MARKER_VARIABLE]: marker },
  });
  await once(child, 'spawn');
  const server = identify(child.pid ?? 0);
  if (server === undefined) throw new Error('the listening process ended at once');
  const release = entrust({ server, marker });
  const stop = async (): Promise<void> => {
    await endServer(server, { sessions: 'end', marker });
    release();
  };
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    signalProcess(server, 'SIGSTOP');
    child.unref();
    (child.stdout as unknown as { unref(): void }).unref();
    t?.after(stop);
    return { address: '127.0.0.1', port: Number(line), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
