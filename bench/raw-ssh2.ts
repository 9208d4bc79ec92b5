import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Client } from 'ssh2';
import type { ConnectConfig } from 'ssh2';
import type { PeerJob } from './peer-job';

/** Plain ssh2; with TCP_NODELAY on a socket of its own; and with the key offered at once. */
export type RawWay = 'as-it-comes' | 'no-delay' | 'tuned';

/** Where plain ssh2 connects to. */
export type RawAccess = Pick<PeerJob, 'port' | 'user' | 'keyFile' | 'hostFingerprint'> & { readonly host: string };

/** A connection of plain ssh2 that is ready. */
export async function openRaw(way: RawWay, { host, port, user, keyFile, hostFingerprint }: RawAccess): Promise<Client> {
  const client = new Client();
  const privateKey = readFileSync(keyFile);
  const config: ConnectConfig = {
    username: user,
    privateKey,
    hostVerifier: (key: Buffer) =>
      `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}` === hostFingerprint,
  };
  const ready = once(client, 'ready');
  if (way === 'as-it-comes') {
    client.connect({ ...config, host, port });
  } else {
    const sock = connect({ host, port, noDelay: true });
    const auth = [{ type: 'publickey' as const, username: user, key: privateKey }];
    client.connect({ ...config, sock, ...(way === 'tuned' && { authHandler: auth }) });
  }
  await ready;
  return client;
}

/** Runs a command, and resolves with the bytes of its output once its channel is closed. */
export function executeRaw(client: Client, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let bytes = 0;
      let code: unknown;
      channel.on('data', (chunk: Buffer) => (bytes += chunk.length));
      channel.stderr.resume();
      channel.on('exit', (value: unknown) => (code = value));
      channel.on('close', () => (code === 0 ? resolve(bytes) : reject(new Error(`exit code ${String(code)}`))));
    });
  });
}
