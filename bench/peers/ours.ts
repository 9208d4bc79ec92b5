import { resolveDeadlines } from '../../contract';
import { pinnedHostKeys } from '../../ssh/hosts/pinned-host-keys';
import { ConnectionPool } from '../../ssh/pool/connection-pool';
import { execOnPool } from '../../ssh/pool/exec-on-pool';
import { poolLimits } from '../../ssh/pool/pool-options';
import type { SshTarget } from '../../ssh/target';
import { keyMethod } from '../../test/ssh/support/engine';
import type { PeerJob, PeerTimes } from '../peer-job';
import { Meter, residentKib, servePeer } from './meter';

// The engine with its pool, as a step of the activities has it.

const DEADLINES = resolveDeadlines({ run: '10m' });

function targets({ hosts, port, user, keyFile, hostFingerprint }: PeerJob): (index: number) => SshTarget {
  const auth = [keyMethod(keyFile)];
  const hostKeys = pinnedHostKeys([hostFingerprint]);
  return (index) => {
    const address = hosts[index % hosts.length] ?? '';
    return { name: address, address, port, user, auth, hostKeys, shareKey: `${index}` };
  };
}

function step(pool: ConnectionPool, target: SshTarget, command: string): Promise<unknown> {
  const request = {
    command,
    pty: false,
    okExitCodes: [0],
    maxOutputBytes: 65_536,
    outputEncoding: 'utf8',
  } as const;
  return execOnPool(pool, target, request, { deadlines: DEADLINES });
}

async function connect(job: PeerJob): Promise<PeerTimes> {
  const pool = new ConnectionPool(poolLimits({ idle: 0 }));
  const target = targets(job);
  const meter = new Meter();
  await meter.lanes(job, (index) => step(pool, target(index), job.command));
  return meter.times();
}

/** With one connection that is there already. */
async function onConnection(
  job: PeerJob,
  work: (meter: Meter, act: () => Promise<unknown>) => Promise<void>
): Promise<PeerTimes> {
  const pool = new ConnectionPool(poolLimits());
  const target = targets(job)(0);
  await step(pool, target, 'true');
  const meter = new Meter();
  await work(meter, () => step(pool, target, job.command));
  const times = meter.times();
  await pool.close();
  return times;
}

async function hold(job: PeerJob): Promise<PeerTimes> {
  const pool = new ConnectionPool(poolLimits());
  const target = targets(job);
  const before = residentKib();
  const meter = new Meter();
  await meter.lanes(job, async (index) => {
    const lease = await pool.borrow(target(index), { deadlines: DEADLINES });
    await lease.release(true);
  });
  const times = meter.times({ residentKib: residentKib() - before });
  await pool.close();
  return times;
}

void servePeer({
  connect,
  hold,
  exec: (job) => onConnection(job, (meter, act) => meter.lanes(job, act)),
  read: (job) =>
    onConnection(job, async (meter, act) => {
      await act();
      meter.bytes = job.bytes;
    }),
});
