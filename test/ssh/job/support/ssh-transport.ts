import type { Client, ClientChannel } from 'ssh2';
import { connectedClient } from '../../../support/login';
import type { RealServer } from '../../../support/real-server';
import type { Owned } from '../../../support/test-owner';
import type { SetUp } from './set-up';
import type { Carried, Transport, TransportRequest } from './transport';

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command line that gives a request its environment; servers set a PATH of their own. */
function commandLine({ path }: SetUp, { SET_UP_PATH = path, ...env }: Readonly<Record<string, string>>): string {
  const all = Object.entries({ ...env, PATH: SET_UP_PATH });
  const exports = all.map(([name, value]) => `${name}=${quoted(value)}`).join(' ');
  return `export ${exports}; exec /bin/sh -c 'eval "$(cat)"'`;
}

function carryOn(client: Client, channel: ClientChannel, { payload, read }: TransportRequest): Carried {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const closed = new Promise<void>((resolve) => {
    channel.on('close', () => resolve());
    client.on('close', () => resolve());
  });
  const resume = (): void => {
    channel.on('data', (chunk: Buffer) => out.push(chunk));
  };
  if (read) resume();
  channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  channel.on('error', () => undefined);
  channel.end(payload);
  return {
    closed,
    stdout: () => Buffer.concat(out),
    stderr: () => Buffer.concat(err),
    resume,
    cut: () => {
      client.destroy();
    },
  };
}

/** Sends each request over a channel of its own to a server that runs in the set-up. A cut destroys the connection. */
export function sshTransport(
  t: Required<Owned>['t'],
  setUp: SetUp,
  server: RealServer,
  { channels }: { readonly channels: 'many' | 'one' }
): Transport {
  const idle: Client[] = [];
  let connecting: Promise<unknown> = Promise.resolve();
  // One after the other: servers limit how many are being authenticated.
  const connect = (): Promise<Client> => {
    const client = connecting.then(async () => (await connectedClient(t, server)).setMaxListeners(0));
    connecting = client.catch(() => undefined);
    return client;
  };
  let shared: Promise<Client> | undefined;
  return {
    setUp,
    namespacePid: server.pid,
    carry: async (request) => {
      const one = request.alone || channels === 'one';
      const client = one
        ? ((request.alone ? undefined : idle.pop()) ?? (await connect()))
        : await (shared ??= connect());
      return new Promise((resolve, reject) => {
        client.exec(commandLine(setUp, request.env), (error, channel) => {
          if (error) return reject(error);
          const carried = carryOn(client, channel, request);
          if (one && !request.alone) void carried.closed.then(() => idle.push(client));
          resolve(carried);
        });
      });
    },
  };
}
