import { resolveDeadlines } from '../../contract';
import { pinnedHostKeys } from '../../ssh/hosts/pinned-host-keys';
import { createJobClient } from '../../ssh/job/create-job-client';
import { ConnectionPool } from '../../ssh/pool/connection-pool';
import { execOnPool } from '../../ssh/pool/exec-on-pool';
import { poolLimits } from '../../ssh/pool/pool-options';
import type { SshTarget } from '../../ssh/target';
import { keyMethod } from '../../test/ssh/support/engine';
import { startSshd } from '../../test/support/sshd';
import type { BenchRow, Scenario } from '../scenario';
import { median } from '../statistics';

const ROUNDS = 60;
const UNUSED = 10_000;

/** Plain and `once` by turns on one connection, each ended before the next begins. */
async function measure(): Promise<readonly BenchRow[]> {
  const sshd = await startSshd();
  const pool = new ConnectionPool(poolLimits());
  try {
    const target: SshTarget = {
      ...{ name: 'bench', address: sshd.address, port: sshd.port, user: sshd.user },
      auth: [keyMethod(sshd.clientKeyFile)],
      hostKeys: pinnedHostKeys([sshd.hostFingerprint]),
      shareKey: 'bench',
      jobDirectory: `${sshd.directory}/jobs`,
    };
    return await compare(pool, target);
  } finally {
    await pool.close();
    await sshd.stop();
  }
}

async function compare(pool: ConnectionPool, target: SshTarget): Promise<readonly BenchRow[]> {
  const deadlines = resolveDeadlines(undefined);
  const client = createJobClient(pool, target, { deadlines });
  const request = {
    command: 'true',
    pty: false,
    okExitCodes: [0],
    maxOutputBytes: 1024,
    outputEncoding: 'utf8',
  } as const;
  const plain: number[] = [];
  const once: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    plain.push(await timed(() => execOnPool(pool, target, request, { deadlines })));
    const job = { id: `bench-${round}`, script: 'true', shell: '/bin/sh', env: {}, graceMs: UNUSED };
    const follower = { cursor: { stdout: 0, stderr: 0 }, onBytes: () => undefined };
    once.push(await timed(() => client.run(job, follower)));
  }
  const base = median(plain);
  return [row('exec', plain, base), row('exec with once', once, base)];
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

function row(step: string, values: readonly number[], base: number): BenchRow {
  const middle = median(values);
  return {
    step,
    'median ms': middle.toFixed(1),
    'min ms': Math.min(...values).toFixed(1),
    'max ms': Math.max(...values).toFixed(1),
    'more ms': (middle - base).toFixed(1),
    ratio: (middle / base).toFixed(2),
  };
}

/** What it costs that a command runs at most once, whatever happens. */
export const ONCE: Scenario = {
  name: 'once',
  what: `\`true\` as a plain exec and with once, ${ROUNDS} times by turns on one connection`,
  run: async () => ({ series: [], rows: await measure() }),
};
