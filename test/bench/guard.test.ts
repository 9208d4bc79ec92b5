import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benchTargets, engineStep } from '../../bench/engine-step';
import { onGround } from '../../bench/ground';
import type { BenchGround } from '../../bench/ground';
import { executeRaw, openRaw } from '../../bench/raw-ssh2';
import type { RawAccess } from '../../bench/raw-ssh2';
import { median } from '../../bench/statistics';
import { ConnectionPool } from '../../ssh/pool/connection-pool';
import { poolLimits } from '../../ssh/pool/pool-options';

// Far above what lies between two runs of the same code, far below what a lost TCP_NODELAY or a round trip too much costs.
const MARGIN = 1.5;

// A disturbance of the machine that one side got more of than the other is gone by then.
const TRIES = 5;

type Act = () => Promise<unknown>;

async function timed(act: Act): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

/** Both by turns, in pairs, of which every second begins with the other one. */
async function assertNotBehind(pairs: number, ours: Act, raw: Act): Promise<void> {
  const [oursMs, rawMs]: [number[], number[]] = [[], []];
  await ours();
  await raw();
  for (let tries = 1; ; tries += 1) {
    for (let pair = 0; pair < pairs; pair += 1) {
      if (pair % 2 === 0) oursMs.push(await timed(ours));
      rawMs.push(await timed(raw));
      if (pair % 2 === 1) oursMs.push(await timed(ours));
    }
    const ratio = median(oursMs) / median(rawMs);
    if (ratio <= MARGIN) return;
    assert.ok(tries < TRIES, `ours takes ${ratio.toFixed(2)} times as long as ssh2 with TCP_NODELAY`);
  }
}

function rawAccess({ access, hosts }: BenchGround): RawAccess {
  return { ...access, host: hosts[0] ?? '' };
}

void describe('The engine is not slower than ssh2 without it', () => {
  void test('a fresh connection with a command', () =>
    onGround(1, async (ground) => {
      const pool = new ConnectionPool(poolLimits({ idle: 0 }));
      const target = benchTargets({ ...ground.access, hosts: ground.hosts })(0);
      await assertNotBehind(
        12,
        () => engineStep(pool, target, 'true'),
        async () => {
          const client = await openRaw('no-delay', rawAccess(ground));
          await executeRaw(client, 'true');
          client.end();
        }
      );
      await pool.close();
    }));

  void test('commands one after the other on one connection', () =>
    onGround(1, async (ground) => {
      const pool = new ConnectionPool(poolLimits());
      const target = benchTargets({ ...ground.access, hosts: ground.hosts })(0);
      const client = await openRaw('no-delay', rawAccess(ground));
      try {
        await assertNotBehind(
          60,
          () => engineStep(pool, target, 'true'),
          () => executeRaw(client, 'true')
        );
      } finally {
        client.end();
        await pool.close();
      }
    }));
});
