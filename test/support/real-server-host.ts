import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';
import { makeKeyFiles } from './key-files';
import type { KeyFiles, KeyType } from './key-files';
import type { RealServer } from './real-server';
import { makeScratch } from './scratch';
import type { Scratch } from './scratch';
import { newMarker, startServerProcess } from './server-process';
import type { ServerProcess, ServerProgram } from './server-process';
import type { Owned } from './test-owner';

/** What a server program is given to start from. */
export interface RealServerGround {
  readonly port: number;
  readonly user: string;
  readonly scratch: Scratch;
  readonly hostKeys: readonly KeyFiles[];
  readonly authorizedKeysFile: string;
  readonly marker: string;
}

const ADDRESS = '127.0.0.1';

/** Lays the ground of a real SSH server (keys, directory, port), starts it, and ties its clean-up to the test. */
export async function startRealServer(
  { t, hostKeyTypes = ['ed25519'] }: Owned & { readonly hostKeyTypes?: readonly KeyType[] },
  program: (ground: RealServerGround) => Promise<ServerProgram>
): Promise<RealServer> {
  const scratch = makeScratch();
  try {
    const client = makeKeyFiles(join(scratch.path, 'client_ed25519'));
    const hostKeys = hostKeyTypes.map((type) => makeKeyFiles(join(scratch.path, `host_${type}`), { type }));
    const [first] = hostKeys;
    if (first === undefined) throw new Error('a server needs a host key');
    // The directory, its name and its rights are those that Dropbear insists on.
    mkdirSync(join(scratch.path, '.ssh'), { mode: 0o700 });
    const authorizedKeysFile = scratch.write('.ssh/authorized_keys', `${client.publicKey} test\n`);
    const { username: user } = userInfo();
    const marker = newMarker();
    const ground = { user, scratch, hostKeys, authorizedKeysFile, marker };

    const startOn = async (port: number): Promise<ServerProcess> =>
      startServerProcess({ ...(await program({ ...ground, port })), marker });
    let port = 0;
    let running: ServerProcess | undefined;
    for (let attempt = 1; running === undefined; attempt += 1) {
      port = await freePort();
      try {
        running = await startOn(port);
      } catch (error) {
        // Someone else took the port between our look and the server's.
        if (attempt === 5 || !/address already in use/i.test(String(error))) throw error;
      }
    }

    let current = running;
    let earlierLog = '';
    const lines = hostKeys.map(({ publicKey }) => `[${ADDRESS}]:${port} ${publicKey}`);
    const server: RealServer = {
      address: ADDRESS,
      port,
      user,
      directory: scratch.path,
      get pid() {
        return current.pid;
      },
      hostKeys,
      hostKeyFile: first.file,
      hostFingerprint: first.fingerprint,
      knownHostsLine: lines[0] ?? '',
      knownHostsLines: lines,
      clientKeyFile: client.file,
      authorizedKeysFile,
      log: () => earlierLog + current.log(),
      waitForLog: (pattern, { from = 0, ...options } = {}) =>
        current.waitForLog(pattern, { ...options, from: Math.max(0, from - earlierLog.length) }),
      pause: () => current.pause(),
      resume: () => current.resume(),
      stop: async (options) => {
        await current.stop(options);
        if (options?.sessions !== 'keep') scratch.remove();
      },
      restart: async (options) => {
        await current.stop(options);
        earlierLog += current.log();
        for (let attempt = 1; ; attempt += 1) {
          try {
            current = await startOn(port);
            return;
          } catch (error) {
            // A connection of somebody else may have the port for a moment.
            if (attempt === 20 || !String(error).includes('ended before it logged')) throw error;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        }
      },
    };
    t?.after(() => server.stop());
    return server;
  } catch (error) {
    scratch.remove();
    throw error;
  }
}
