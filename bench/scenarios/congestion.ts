import { setTimeout as delay } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import { resolveDeadlines } from '../../contract';
import { pinnedHostKeys } from '../../ssh/hosts/pinned-host-keys';
import { ConnectionPool } from '../../ssh/pool/connection-pool';
import { execOnPool } from '../../ssh/pool/exec-on-pool';
import { poolLimits } from '../../ssh/pool/pool-options';
import { SshError } from '../../ssh/ssh-error';
import type { SshTarget } from '../../ssh/target';
import { keyMethod } from '../../test/ssh/support/engine';
import { startSshd } from '../../test/support/sshd';
import type { RealSshd } from '../../test/support/sshd';
import type { BenchRow, Scenario } from '../scenario';

const STEPS = 200;
/** As many as a Temporal worker runs by default. */
const AT_ONCE = 100;
const MAX_ATTEMPTS = 200;

/** Runs all steps, so many at a time. */
async function runAll(step: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  let left = STEPS;
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await step();
  });
  await Promise.all(lanes);
  return performance.now() - startedAt;
}

/** A connection for each step, and another try a second later when that fails: what a first version does. */
function naiveStep(sshd: RealSshd): () => Promise<void> {
  const privateKey = readFileSync(sshd.clientKeyFile);
  const attempt = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const client = new Client();
      client.on('error', reject);
      client.on('close', () => reject(new Error('closed')));
      client.on('ready', () => {
        client.exec('true', (error, channel) => {
          if (error) return reject(error);
          channel.resume();
          channel.on('close', () => {
            resolve();
            client.end();
          });
        });
      });
      client.connect({
        host: sshd.address,
        port: sshd.port,
        username: sshd.user,
        privateKey,
        hostVerifier: () => true,
      });
    });
  return async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (tries === MAX_ATTEMPTS) throw error;
        await delay(1_000);
      }
    }
  };
}

/** The engine with its pool, tried again as Temporal would: after the delay that the failure asks for. */
function pooledStep(sshd: RealSshd, pool: ConnectionPool): () => Promise<void> {
  const target: SshTarget = {
    name: 'box',
    address: sshd.address,
    port: sshd.port,
    user: sshd.user,
    auth: [keyMethod(sshd.clientKeyFile)],
    hostKeys: pinnedHostKeys([sshd.hostFingerprint]),
    shareKey: 'box',
  };
  const request = {
    command: 'true',
    pty: false,
    okExitCodes: [0],
    maxOutputBytes: 65_536,
    outputEncoding: 'utf8',
  } as const;
  return async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        return void (await execOnPool(pool, target, request, { deadlines: resolveDeadlines() }));
      } catch (error) {
        if (!(error instanceof SshError) || !error.retryable || tries === MAX_ATTEMPTS) throw error;
        await delay(1_000 + (error.retryAfterMs ?? 0) * (1 + Math.random() / 4));
      }
    }
  };
}

async function measure(name: string, makeStep: (sshd: RealSshd) => () => Promise<void>): Promise<BenchRow> {
  const sshd = await startSshd({ config: ['MaxStartups 2:50:10'] });
  try {
    const ms = await runAll(makeStep(sshd));
    const log = sshd.log();
    const refused = log.split('past MaxStartups').length - 1;
    const logins = log.split('Accepted publickey').length - 1;
    return {
      client: name,
      'refused set-ups': refused,
      'refused / steps': `${((100 * refused) / STEPS).toFixed(1)} %`,
      logins,
      'wall s': (ms / 1000).toFixed(1),
    };
  } finally {
    await sshd.stop();
  }
}

/** How many set-ups a busy server has to refuse until 200 steps have run. */
export const CONGESTION: Scenario = {
  name: 'congestion',
  what: `${STEPS} steps, ${AT_ONCE} at once, on an sshd with MaxStartups 2:50:10`,
  run: async () => {
    const pool = new ConnectionPool(poolLimits());
    const ours = await measure('temporal-ssh engine', (sshd) => pooledStep(sshd, pool));
    await pool.close();
    const naive = await measure('ssh2, a connection a step, retry after 1 s', naiveStep);
    return { series: [], rows: [ours, naive] };
  },
};
