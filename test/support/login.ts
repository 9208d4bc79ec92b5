import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ssh2';
import { identify } from './processes';
import type { RealServer } from './real-server';
import type { Owned } from './test-owner';

type LoginTarget = Pick<RealServer, 'address' | 'port' | 'user' | 'clientKeyFile' | 'knownHostsLine' | 'directory'>;

/** What OpenSSH's client is given to log in to a server by its own key and host key, and nothing of the user's. */
export function loginCommand(server: LoginTarget, command: string): readonly string[] {
  const knownHosts = join(server.directory, 'known_hosts');
  writeFileSync(knownHosts, `${server.knownHostsLine}\n`);
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
  ];
  return [
    ...['ssh', '-F', 'none', '-i', server.clientKeyFile, '-p', String(server.port)],
    ...options.flatMap((option) => ['-o', option]),
    `${server.user}@${server.address}`,
    command,
  ];
}

/** Runs a program to its end. */
export async function output([file = '', ...args]: readonly string[]): Promise<{
  code: number | null;
  stdout: string;
}> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout };
}

/** An ssh2 client that is logged in, and ends with the test. */
export async function connectedClient(t: Required<Owned>['t'], server: LoginTarget): Promise<Client> {
  const client = new Client();
  t.after(() => client.destroy());
  client.connect({
    host: server.address,
    port: server.port,
    username: server.user,
    privateKey: readFileSync(server.clientKeyFile),
    hostVerifier: () => true,
  });
  await once(client, 'ready');
  client.on('error', () => undefined);
  return client;
}

/** Runs a command and returns its first line of output while it may still run. */
export async function spawnMarker(client: Client, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.once('data', (data: Buffer) => resolve(data.toString().trim()));
    });
  });
}

/** Fails when a process still runs. */
export function assertGone(pid: number): void {
  assert.equal(identify(pid), undefined, `process ${pid} still runs`);
}
