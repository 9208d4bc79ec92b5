import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeScratch } from '../../support/scratch';

/** Starts a real ssh-agent with some keys; it ends with the test. Returns its socket. */
export async function startAgent(t: TestContext, ...keyFiles: readonly string[]): Promise<string> {
  const socket = join(makeScratch({ t }).path, 'agent');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  for (const deadline = Date.now() + 10_000; !existsSync(socket);) {
    if (Date.now() > deadline) throw new Error('ssh-agent does not start');
    await delay(10);
  }
  if (keyFiles.length > 0) {
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    execFileSync('ssh-add', ['-q', ...keyFiles], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  }
  return socket;
}

/** Starts an agent that does not behave; it ends with the test. */
export async function startBadAgent(t: TestContext, handler: (socket: Socket) => void): Promise<string> {
  const path = join(makeScratch({ t }).path, 'agent');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    handler(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}
