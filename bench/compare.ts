import type { BenchGround } from './ground';
import { shortReason } from './peer-cache';
import type { PeerJob, PeerTimes } from './peer-job';
import { PEERS } from './peers';
import type { Peer } from './peers';
import { runPeer } from './run-peer';
import type { JobWork, Series, SeriesLine } from './scenario';
import type { BenchSettings } from './settings';

/** One comparison: what is asked, and what of the times counts. */
export interface Comparison {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
  readonly work: (peer: Peer, round: number) => JobWork | Promise<JobWork>;
  readonly value: (times: PeerTimes, job: PeerJob) => number;
  /** How many pieces of work the CPU time is divided by; none: it is not told. */
  readonly pieces?: (job: PeerJob) => number;
}

interface Runner {
  readonly peer: Peer;
  readonly command: readonly [string, ...string[]];
  readonly values: number[];
  readonly cpuMs: number[];
  /** Why it is not measured any more. */
  why?: string;
}

/** Runs all peers that can do it by turns, each round in another order, so that what disturbs one disturbs all. */
export async function compare(
  { rounds, peers }: BenchSettings,
  { access, hosts }: BenchGround,
  comparison: Comparison
): Promise<Series> {
  const { name, what, unit, better, value, pieces } = comparison;
  const missing: { client: string; why: string }[] = [];
  const runners: Runner[] = [];
  const first = await comparison.work(PEERS[0] as Peer, 0);
  for (const peer of PEERS) {
    if (peer.id !== 'ours' && peers.length > 0 && !peers.includes(peer.id)) continue;
    if (!peer.operations.includes(first.op)) continue;
    if (peer.oneAtATime && first.op === 'exec' && first.concurrency > 1) continue;
    try {
      runners.push({ peer, command: await peer.prepare(), values: [], cpuMs: [] });
    } catch (error) {
      missing.push({ client: peer.name, why: shortReason(error) });
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % runners.length;
    for (const runner of [...runners.slice(turn), ...runners.slice(0, turn)]) {
      if (runner.why !== undefined) continue;
      const { peer } = runner;
      const { hosts: wanted = hosts, ...work } = await comparison.work(peer, round);
      // Hosts are what a fan-out is about: of those nobody gets fewer.
      const count = work.concurrency > 1 ? work.count : Math.max(1, Math.round(work.count * (peer.share ?? 1)));
      const job: PeerJob = { ...{ bytes: 0, local: '', remote: '' }, ...access, ...work, hosts: wanted, count };
      try {
        const times = await runPeer(runner.command, job);
        runner.values.push(value(times, job));
        if (pieces) runner.cpuMs.push(times.cpuMs / pieces(job));
        process.stderr.write(`${name}, round ${round + 1}, ${peer.name}: ${value(times, job).toFixed(2)} ${unit}\n`);
      } catch (error) {
        runner.why = shortReason(error);
        process.stderr.write(`${name}, ${peer.name}: ${runner.why}\n`);
      }
    }
  }
  const lines: SeriesLine[] = [];
  for (const { peer, values, cpuMs, why } of runners) {
    if (why !== undefined) missing.push({ client: peer.name, why });
    else lines.push({ client: peer.name, values, ...(pieces && { cpuMs }) });
  }
  return { name, what, unit, better, lines, missing };
}
