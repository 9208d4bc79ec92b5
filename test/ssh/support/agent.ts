import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeScratch } from '../../support/scratch';

/** Starts ssh-agent and adds keys; it ends with the test. */
async function startSshAgent(
  t: TestContext,
  keyFiles: readonly string[],
  { options = [], env = {} }: { options?: readonly string[]; env?: Readonly<Record<string, string>> } = {}
): Promise<string> {
  const socket = join(makeScratch({ t }).path, 'agent');
  const child = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('ssh-agent does not start')));
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  // It tells its socket once it listens there.
  await Promise.race([once(child.stdout, 'data'), gone]);
  gone.catch(() => undefined);
  if (keyFiles.length > 0) {
    const addEnv = { ...process.env, SSH_AUTH_SOCK: socket };
    execFileSync('ssh-add', ['-q', ...options, ...keyFiles], { env: addEnv, stdio: ['ignore', 'ignore', 'pipe'] });
  }
  return socket;
}

/** Starts a real ssh-agent with some keys; it ends with the test. Returns its socket. */
export async function startAgent(t: TestContext, ...keyFiles: readonly string[]): Promise<string> {
  return startSshAgent(t, keyFiles);
}

/** Starts an agent that asks its owner about each signature, who never agrees (`ssh-add -c`). */
export async function startUnwillingAgent(t: TestContext, keyFile: string): Promise<string> {
  const env = { SSH_ASKPASS: '/bin/false', SSH_ASKPASS_REQUIRE: 'force' };
  return startSshAgent(t, [keyFile], { options: ['-c'], env });
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
