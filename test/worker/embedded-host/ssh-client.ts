import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import type { ClientChannel, ConnectConfig, ExecOptions } from 'ssh2';
import type { EmbeddedHost } from '../../../worker/embedded-host';

/** Connects with the host's own key; `overrides` change single settings. */
export function connect(host: EmbeddedHost, overrides: Partial<ConnectConfig> = {}): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', reject);
    // When the server closes cleanly ssh2 emits no error.
    client.once('close', () => reject(new Error('closed')));
    client.connect({
      host: host.address,
      port: host.port,
      username: host.user,
      privateKey: readFileSync(host.privateKeyFile),
      ...overrides,
    });
  });
}

export function closed(client: Client): Promise<void> {
  return new Promise((resolve) => client.once('close', resolve));
}

export async function disconnect(client: Client): Promise<void> {
  const gone = closed(client);
  client.end();
  await gone;
}

export function open(client: Client, command: string, options: ExecOptions = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

export interface Result {
  readonly code: number | null | undefined;
  readonly signal: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Reads a channel to its end. */
export function collect(channel: ClientChannel): Promise<Result> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let code: number | null | undefined;
  let signal: string | undefined;
  channel.on('data', (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  channel.on('exit', (exitCode: number | null, exitSignal?: string) => {
    code = exitCode;
    signal = exitSignal;
  });
  return new Promise((resolve) => {
    channel.once('close', () =>
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
    );
  });
}

export async function run(client: Client, command: string, stdin?: Buffer | string): Promise<Result> {
  const channel = await open(client, command);
  const result = collect(channel);
  channel.end(stdin);
  return result;
}

/** The first line of output, while the command goes on. */
export function firstLine(channel: ClientChannel): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    channel.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}
