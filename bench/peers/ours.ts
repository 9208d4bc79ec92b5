import { ConnectionPool } from '../../ssh/pool/connection-pool';
import { poolLimits } from '../../ssh/pool/pool-options';
import { BENCH_DEADLINES, benchTargets, engineStep } from '../engine-step';
import type { PeerJob, PeerTimes } from '../peer-job';
import { Meter, residentKib, servePeer } from './meter';

// The engine with its pool, as a step of the activities has it.

async function connect(job: PeerJob): Promise<PeerTimes> {
  const pool = new ConnectionPool(poolLimits({ idle: 0 }));
  const target = benchTargets(job);
  const meter = new Meter();
  await meter.lanes(job, (index) => engineStep(pool, target(index), job.command));
  return meter.times();
}

/** With one connection that is there already. */
async function onConnection(
  job: PeerJob,
  work: (meter: Meter, act: () => Promise<unknown>) => Promise<void>
): Promise<PeerTimes> {
  const pool = new ConnectionPool(poolLimits());
  const target = benchTargets(job)(0);
  await engineStep(pool, target, 'true');
  const meter = new Meter();
  await work(meter, () => engineStep(pool, target, job.command));
  const times = meter.times();
  await pool.close();
  return times;
}

async function hold(job: PeerJob): Promise<PeerTimes> {
  const pool = new ConnectionPool(poolLimits());
  const target = benchTargets(job);
  const before = residentKib();
  const meter = new Meter();
  await meter.lanes(job, async (index) => {
    const lease = await pool.borrow(target(index), { deadlines: BENCH_DEADLINES });
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
