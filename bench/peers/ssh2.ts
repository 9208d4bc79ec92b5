import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { Client } from 'ssh2';
import type { ConnectConfig } from 'ssh2';
import type { PeerJob, PeerTimes } from '../peer-job';
import { Meter, residentKib, servePeer } from './meter';

// Plain ssh2: `as-it-comes`, `no-delay` (TCP_NODELAY on a socket of its own), or `tuned` (and the key offered at once).

const way = process.argv[2];

async function open({ hosts, port, user, keyFile, hostFingerprint }: PeerJob, index = 0): Promise<Client> {
  const host = hosts[index % hosts.length] ?? '';
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
    const sock = connectTo({ host, port, noDelay: true });
    await once(sock, 'connect');
    const auth = [{ type: 'publickey' as const, username: user, key: privateKey }];
    client.connect({ ...config, sock, ...(way === 'tuned' && { authHandler: auth }) });
  }
  await ready;
  return client;
}

function execute(client: Client, command: string): Promise<number> {
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

async function connect(job: PeerJob): Promise<PeerTimes> {
  const meter = new Meter();
  await meter.lanes(job, async (index) => {
    const client = await open(job, index);
    await execute(client, job.command);
    client.end();
  });
  return meter.times();
}

async function exec(job: PeerJob): Promise<PeerTimes> {
  const client = await open(job);
  await execute(client, job.command);
  const meter = new Meter();
  await meter.lanes(job, () => execute(client, job.command));
  const times = meter.times();
  client.end();
  return times;
}

async function read(job: PeerJob): Promise<PeerTimes> {
  const client = await open(job);
  await execute(client, 'true');
  const meter = new Meter();
  meter.bytes = await execute(client, job.command);
  const times = meter.times();
  client.end();
  return times;
}

async function hold(job: PeerJob): Promise<PeerTimes> {
  const before = residentKib();
  const clients: Client[] = [];
  const meter = new Meter();
  await meter.lanes(job, async (index) => clients.push(await open(job, index)));
  const times = meter.times({ residentKib: residentKib() - before });
  for (const client of clients) client.end();
  return times;
}

void servePeer({ connect, exec, read, hold });
