import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { configError } from '../../ssh/ssh-error';
import { currentUser } from './command-environment';
import { serveConnection } from './connection';
import type { ConnectionContext } from './connection';
import { openKeyPair } from './key-pair';
import { openPrivateDirectory, replaceFile } from './private-directory';
import { ProcessGroups } from './process-groups';

const ADDRESS = '127.0.0.1';
const MAX_CONNECTIONS = 100;
const HANGUP_GRACE_MS = 5000;
const PORT_FILE = 'port';

/** What {@link startEmbeddedHost} takes. */
export interface EmbeddedHostOptions {
  /** Where keys, `hosts.yaml` and the port are kept. Made with mode 0700; one that is open to others is refused. */
  readonly directory: string;
  /** The port to listen on; 0 takes the one of the last start if it is free, else any free one. @default 0 */
  readonly port?: number;
  /** The embedded host never listens on anything else. @default '127.0.0.1' */
  readonly host?: '127.0.0.1';
}

/** The host in the shape of an entry of the hosts file. */
export interface EmbeddedHostConfig {
  readonly address: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly credential: { readonly privateKeyFile: string };
  /** SHA-256 fingerprint of the host key, pinned. */
  readonly hostKey: string;
}

/** An SSH server in this process, on loopback only. */
export interface EmbeddedHost {
  readonly name: 'local';
  readonly address: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  /** SHA-256 fingerprint of the host key, as OpenSSH prints it. */
  readonly fingerprint: string;
  /** A hosts file with the one host `local`. */
  readonly hostsFile: string;
  /** The client's private key. */
  readonly privateKeyFile: string;
  readonly config: EmbeddedHostConfig;
  /**
   * Ends all connections and every process group that commands were started in, what they left in the background
   * included. Resolves when all of it is gone; rejects when a process survives SIGKILL. Idempotent.
   *
   * What has made a process group of its own (`setsid`, the jobs of this package) lives on, as on any host.
   */
  close(): Promise<void>;
}

function checkOptions({ host, port }: EmbeddedHostOptions): void {
  if (process.platform === 'win32') {
    throw configError(
      'SshConfigUnsupported',
      'local',
      'The embedded host needs a POSIX system. On Windows run it in WSL.'
    );
  }
  if (host !== undefined && host !== ADDRESS) {
    throw configError(
      'SshInvalidOptions',
      'local',
      `host: expected '${ADDRESS}', the only address the embedded host listens on.`
    );
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw configError(
      'SshInvalidOptions',
      'local',
      `port: expected an integer from 0 to 65535, found ${String(port)}.`
    );
  }
}

function rememberedPort(directory: string): number {
  try {
    const port = Number(readFileSync(join(directory, PORT_FILE), 'utf8'));
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : 0;
  } catch {
    return 0;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: ADDRESS, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The embedded host has no port.');
  return address.port;
}

async function listenSomewhere(server: Server, directory: string, port: number): Promise<number> {
  const wanted = port === 0 ? rememberedPort(directory) : port;
  try {
    return await listen(server, wanted);
  } catch (error) {
    if (port === 0 && wanted !== 0) return listen(server, 0);
    const reason = error instanceof Error ? error.message : String(error);
    const advice = 'Choose another port, or 0 for any free one.';
    throw configError(
      'SshConfigInvalid',
      'local',
      `The embedded host cannot listen on port ${wanted}: ${reason}. ${advice}`,
      error
    );
  }
}

function hostsFileText(config: EmbeddedHostConfig): string {
  const { credential, ...host } = config;
  const header = '# The embedded SSH host. Written at each of its starts: copy what you want to change.\n';
  return (
    header + stringify({ credentials: { embedded: credential }, hosts: { local: { ...host, credential: 'embedded' } } })
  );
}

/**
 * Starts an SSH server on loopback that runs commands as the current user: for trying things out without sshd and
 * without root.
 *
 * It accepts the current user with the one Ed25519 key that is made beside its host key at the first start, and runs
 * `exec` requests with `$SHELL -c`. Terminals, `shell`, subsystems and forwarding are refused. At most 100 connections
 * are open at once, with 10 sessions each; a client has 30 s to log in. A command has 34 kB at most: ssh2's server takes
 * no packet over the 35,000 bytes that RFC 4253 section 6.1 asks for, and ends the connection, where sshd takes 256 KiB.
 *
 * Throws `SshInvalidOptions` for bad options, `SshConfigInvalid` for a directory or a key that is open to others, a file
 * that is no key and a port that is taken, and `SshConfigUnsupported` on Windows.
 */
export async function startEmbeddedHost(options: EmbeddedHostOptions): Promise<EmbeddedHost> {
  checkOptions(options);
  const directory = resolve(options.directory);
  openPrivateDirectory(directory);
  const hostKeys = openKeyPair(directory, 'ssh_host_ed25519_key', 'temporal-ssh embedded host');
  const clientKeys = openKeyPair(directory, 'id_ed25519', 'temporal-ssh embedded host client');
  const user = currentUser();
  const groups = new ProcessGroups(HANGUP_GRACE_MS);
  const context: ConnectionContext = {
    account: { user, key: clientKeys.key },
    hostKey: hostKeys.privateKey,
    directory,
    groups,
  };

  const connections = new Set<() => Promise<void>>();
  const server = createServer((socket) => {
    const disconnect = serveConnection(socket, context);
    connections.add(disconnect);
    socket.once('close', () => connections.delete(disconnect));
  });
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listenSomewhere(server, directory, options.port ?? 0);
  // An error of a listening socket (no descriptors left for `accept`) concerns one connection, not the process.
  server.on('error', () => undefined);

  const close = async (): Promise<void> => {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all([...connections].map((disconnect) => disconnect()));
    await stopped;
    await groups.endAll();
  };

  try {
    const config = {
      address: ADDRESS,
      port,
      user,
      credential: { privateKeyFile: clientKeys.file },
      hostKey: hostKeys.fingerprint,
    } as const;
    replaceFile(directory, PORT_FILE, `${port}\n`);
    const hostsFile = replaceFile(directory, 'hosts.yaml', hostsFileText(config));
    let closing: Promise<void> | undefined;
    return {
      name: 'local',
      address: ADDRESS,
      port,
      user,
      fingerprint: hostKeys.fingerprint,
      hostsFile,
      privateKeyFile: clientKeys.file,
      config,
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
