import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SshGateState } from '../../contract';
import { doors, useGateGround } from '../e2e/gate-ground';
import { noTemporal, outcomeOf } from '../e2e/ground';
import { runCli } from './support/run-cli';

void describe('temporal-ssh gate', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGateGround();

  void test('shows who holds and who waits, and takes a lease away', async () => {
    const door = doors(false);
    const host = ground.host();
    const env = { TEMPORAL_ADDRESS: ground.temporal.address };
    const empty = await runCli(['gate', 'show', host], { env });
    assert.deepEqual([empty.code, empty.stdout], [0, `${host}: 0 inside, 0 waiting\n`]);
    const nobody = await runCli(['gate', 'evict', host, '--request', 'x', '--reason', 'y'], { env });
    assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
    assert.match(nobody.stderr, /Nobody holds/);
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const holder = await ground.start('heldUntilCancelled', queue, ['holder', host, { reason: 'deploy' }]);
      await door.inside('holder');
      const waiter = await ground.start('gated', queue, ['waiter', host, { reason: 'patch\u001b[2J' }]);
      await ground.waiting(host, 1);
      const shown = await runCli(['gate', 'show', host], { env });
      assert.match(shown.stdout, /inside +exclusive deploy[^]*waiting +exclusive patch \[2J/);
      const json = JSON.parse((await runCli(['gate', 'show', host, '--json'], { env })).stdout) as SshGateState;
      assert.deepEqual([json.holders.length, json.waiting.length], [1, 1]);
      const evict = async (request: string) =>
        runCli(['gate', 'evict', host, '--request', request, '--reason', 'stuck', '--by', 'ops'], { env });
      const unknown = await evict('no such');
      assert.equal(unknown.code, 1);
      assert.match(unknown.stderr, /^requestId: expected .*\. See who holds it: temporal-ssh gate show /);
      const evicted = await evict(json.holders[0]?.requestId ?? '');
      assert.equal(evicted.code, 0, evicted.stderr);
      assert.match(evicted.stdout, /LOST: ops took it away: stuck/);
      door.let('holder');
      door.let('waiter');
      assert.equal((await outcomeOf(holder)).failure?.type, 'SshGateLost');
      assert.equal((await outcomeOf(waiter)).error, undefined);
    });
  });
});
