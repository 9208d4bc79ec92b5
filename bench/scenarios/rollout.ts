import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { netnsSkipReason } from '../../test/support/netns';
import type { BenchRow, Scenario } from '../scenario';

const HOSTS = 500;
const AT_ONCE = 50;
const LIMIT_MS = 1_500_000;

interface Measured {
  readonly seconds: number;
  readonly changedOnce: number;
  readonly memoryPeakMb: number;
  readonly largest: Readonly<Record<string, { readonly events: number; readonly bytes: number }>>;
}

/** Runs it in a network namespace, where one server can have an address for each host. */
async function measure(gate: boolean): Promise<BenchRow> {
  const reason = netnsSkipReason();
  if (reason !== false) throw new Error(reason);
  const hosts = Number(process.env['BENCH_HOSTS'] ?? HOSTS);
  const args = [
    '-n',
    process.execPath,
    join(__dirname, 'rollout-main.js'),
    String(hosts),
    String(AT_ONCE),
    String(gate),
  ];
  const { stdout } = await promisify(execFile)('unshare', args, { timeout: LIMIT_MS });
  const { seconds, changedOnce, memoryPeakMb, largest } = JSON.parse(stdout) as Measured;
  const { events = 0, bytes = 0 } = largest['sshFleetBatch'] ?? {};
  return {
    ...{ gate: gate ? 'held' : 'not asked for', hosts, 'changed once': changedOnce, seconds },
    'hosts a second': (hosts / seconds).toFixed(1),
    'largest history': `${events} events, ${Math.round(bytes / 1024)} KiB`,
    'memory MiB': memoryPeakMb,
  };
}

/** A rollout over many hosts, with Temporal and the worker on the same machine. */
export const ROLLOUT: Scenario = {
  name: 'rollout',
  what: `a rollout over ${HOSTS} hosts (BENCH_HOSTS), ${AT_ONCE} at once, four steps each, without and with the gate of each host`,
  run: async () => ({ series: [], rows: [await measure(false), await measure(true)] }),
};
