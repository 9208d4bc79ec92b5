import type { Client } from 'ssh2';
import type { PeerJob, PeerTimes } from '../peer-job';
import { executeRaw, openRaw } from '../raw-ssh2';
import type { RawWay } from '../raw-ssh2';
import { Meter, residentKib, servePeer } from './meter';

// Plain ssh2, by the way that its argument names.

const way = process.argv[2] as RawWay;

function open(job: PeerJob, index = 0): Promise<Client> {
  return openRaw(way, { ...job, host: job.hosts[index % job.hosts.length] ?? '' });
}

async function connect(job: PeerJob): Promise<PeerTimes> {
  const meter = new Meter();
  await meter.lanes(job, async (index) => {
    const client = await open(job, index);
    await executeRaw(client, job.command);
    client.end();
  });
  return meter.times();
}

async function exec(job: PeerJob): Promise<PeerTimes> {
  const client = await open(job);
  await executeRaw(client, job.command);
  const meter = new Meter();
  await meter.lanes(job, () => executeRaw(client, job.command));
  const times = meter.times();
  client.end();
  return times;
}

async function read(job: PeerJob): Promise<PeerTimes> {
  const client = await open(job);
  await executeRaw(client, 'true');
  const meter = new Meter();
  meter.bytes = await executeRaw(client, job.command);
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
