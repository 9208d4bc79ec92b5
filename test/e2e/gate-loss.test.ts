import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { evictFromSshGate, sshGateState } from '../../client';
import { SSH_GATE_REQUEST, sshGateWorkflowId } from '../../contract';
import type { SshGateRequest } from '../../contract';
import { until } from '../worker/processes';
import { doors, useGateGround } from './gate-ground';
import { eventsOf, noTemporal, outcomeOf } from './ground';

const GHOST: SshGateRequest = {
  requestId: 'ghost',
  holder: { workflowId: 'no-such-workflow', runId: 'none', firstRunId: 'none' },
  mode: 'exclusive',
  reason: 'ghost',
  leaseMs: 60_000,
  graceMs: 60_000,
  checkMs: 60_000,
};

void describe('withHost, when something goes wrong', { skip: noTemporal, timeout: 280_000 }, () => {
  const ground = useGateGround();
  const patient = { checkInterval: '200ms' };

  for (const how of ['terminated', 'reset away'] as const) {
    void test(`a holder that was ${how} makes way for the next`, async () => {
      const door = doors(false);
      const host = ground.host();
      await ground.withWorker({ activities: door.activities }, async (queue) => {
        const holder = await ground.start('gated', queue, ['holder', host, {}]);
        await door.inside('holder');
        const next = await ground.start('gated', queue, ['next', host, patient]);
        await ground.waiting(host, 1);
        if (how === 'terminated') await holder.terminate();
        else {
          // To before its request: the new run asks with the same id, and takes over what the old one held.
          const first = (await eventsOf(holder)).find((event) => event.workflowTaskCompletedEventAttributes);
          await ground.temporal.client.workflowService.resetWorkflowExecution({
            namespace: 'default',
            workflowExecution: { workflowId: holder.workflowId },
            workflowTaskFinishEventId: first?.eventId ?? null,
            requestId: host,
            reason: 'test',
          });
          await until('it is inside again', () => door.entered.filter((who) => who === 'holder').length === 2);
          assert.equal((await ground.state(host)).holders[0]?.holder.workflowId, holder.workflowId);
          door.let('holder');
          assert.equal(
            (await outcomeOf(ground.temporal.client.workflow.getHandle(holder.workflowId))).error,
            undefined
          );
        }
        door.let('next');
        assert.equal((await outcomeOf(next)).result, 'next');
      });
    });
  }

  void test('a workflow that is cancelled while it waits withdraws its request', async () => {
    const door = doors(false);
    const host = ground.host();
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const holder = await ground.start('gated', queue, ['holder', host, {}]);
      await door.inside('holder');
      const waiter = await ground.start('gated', queue, ['waiter', host, {}]);
      await ground.waiting(host, 1);
      await waiter.cancel();
      assert.ok((await outcomeOf(waiter)).error instanceof CancelledFailure);
      assert.equal((await ground.waiting(host, 0)).holders.length, 1);
      door.let('holder');
      assert.equal((await outcomeOf(holder)).error, undefined);
    });
    assert.deepEqual(door.entered, ['holder']);
  });

  void test('a workflow that is cancelled while it holds gives its lease back once its block has ended', async () => {
    const door = doors(false);
    const host = ground.host();
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const holder = await ground.start('heldUntilCancelled', queue, ['holder', host, {}]);
      await door.inside('holder');
      const next = await ground.start('gated', queue, ['next', host, patient]);
      await ground.waiting(host, 1);
      await holder.cancel();
      await until('it cleans up', async () => ((await holder.describe()).raw.pendingActivities ?? []).length === 1);
      assert.equal((await ground.state(host)).waiting.length, 1);
      door.let('holder');
      door.let('next');
      assert.ok((await outcomeOf(holder)).error instanceof CancelledFailure);
      assert.equal((await outcomeOf(next)).result, 'next');
    });
    assert.equal(door.most(), 1);
  });

  void test('who waits for longer than its timeout fails as SshGateTimeout, and waits no more', async () => {
    const door = doors(false);
    const host = ground.host();
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const holder = await ground.start('gated', queue, ['holder', host, {}]);
      await door.inside('holder');
      const { failure } = await ground.execute('gated', queue, ['late', host, { timeout: 2_000 }]);
      assert.deepEqual([failure?.type, failure?.details?.host], ['SshGateTimeout', host]);
      await ground.waiting(host, 0);
      door.let('holder');
      assert.equal((await outcomeOf(holder)).error, undefined);
    });
    assert.deepEqual(door.entered, ['holder']);
  });

  void test('an operator takes leases away: SshGateLost, and the next one in when the block has stopped', async () => {
    const door = doors(false);
    const host = ground.host();
    const { client } = ground.temporal;
    const evict = (requestId: string) => evictFromSshGate(client, host, { requestId, by: 'ops', reason: 'stuck' });
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const holder = await ground.start('heldUntilCancelled', queue, ['holder', host, {}]);
      await door.inside('holder');
      const waiter = await ground.start('gated', queue, ['waiter', host, {}]);
      await ground.waiting(host, 1);
      const next = await ground.start('gated', queue, ['next', host, {}]);
      const { holders, waiting } = await ground.waiting(host, 2);
      await assert.rejects(evict('no such request'), WorkflowUpdateFailedError);
      await evict(waiting[0]?.requestId ?? '');
      const early = await outcomeOf(waiter);
      assert.deepEqual([early.failure?.type, early.failure?.details?.commandMayHaveRun], ['SshGateLost', false]);
      const after = await evict(holders[0]?.requestId ?? '');
      assert.match(after.holders[0]?.lost ?? '', /ops took it away: stuck/);
      await until('it cleans up', async () => ((await holder.describe()).raw.pendingActivities ?? []).length === 1);
      assert.deepEqual(door.entered, ['holder']);
      door.let('holder');
      door.let('next');
      const { failure } = await outcomeOf(holder);
      assert.deepEqual([failure?.type, failure?.details?.commandMayHaveRun], ['SshGateLost', true]);
      assert.match(failure?.message ?? '', /ops took it away: stuck/);
      assert.equal((await outcomeOf(next)).result, 'next');
      const { evictions } = await ground.state(host);
      assert.deepEqual(
        evictions.map(({ by, reason, workflowId }) => [by, reason, workflowId]),
        [waiter, holder].map(({ workflowId }) => ['ops', 'stuck', workflowId])
      );
    });
    assert.equal(door.most(), 1);
  });

  void test('a lease taken away twice is free at once, though its block does not stop', async () => {
    const door = doors(false);
    const host = ground.host();
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const holder = await ground.start('heldUntilCancelled', queue, ['holder', host, {}]);
      await door.inside('holder');
      const requestId = (await ground.state(host)).holders[0]?.requestId ?? '';
      for (const reason of ['once', 'twice']) {
        await evictFromSshGate(ground.temporal.client, host, { requestId, by: 'ops', reason });
      }
      door.let('next');
      assert.equal((await ground.execute('gated', queue, ['next', host, {}])).result, 'next');
      door.let('holder');
      assert.equal((await outcomeOf(holder)).failure?.type, 'SshGateLost');
    });
  });

  void test('a lease ends after maxHold, and after its grace whatever its holder does; renew puts it off', async () => {
    const door = doors(false);
    const host = ground.host();
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const options = { maxHold: 1_000, grace: 1_000 };
      const holder = await ground.start('heldUntilCancelled', queue, ['holder', host, options]);
      await door.inside('holder');
      door.let('next');
      // The holder is not let out: its grace ends.
      assert.equal((await ground.execute('gated', queue, ['next', host, {}])).result, 'next');
      door.let('holder');
      const { failure } = await outcomeOf(holder);
      assert.match(`${failure?.type} ${failure?.message}`, /^SshGateLost .*longer than 1000 ms/);
      door.let('renewed');
      const { result } = await ground.execute('renewed', queue, [ground.host(), { maxHold: '1h' }]);
      const [before = '', after = ''] = result as string[];
      assert.ok(before < after, `${before} ${after}`);
    });
  });

  void test('a gate that continues as new under load forgets nobody', async () => {
    const door = doors(true);
    const host = ground.host();
    const options = { gate: { requestsPerRun: 4, idle: 1_000 } };
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const who = Array.from({ length: 20 }, (_, i) => `w${i}`);
      const handles = await Promise.all(who.map(async (name) => ground.start('gated', queue, [name, host, options])));
      for (const handle of handles) assert.equal((await outcomeOf(handle)).error, undefined);
      const gate = ground.temporal.client.workflow.getHandle(sshGateWorkflowId(host));
      await gate.result();
      const { raw, runId } = await gate.describe();
      assert.notEqual(raw.workflowExecutionInfo?.firstRunId, runId);
    });
    assert.deepEqual([new Set(door.entered).size, door.entered.length, door.most()], [20, 20, 1]);
  });

  void test('a request that comes while a gate ends is not lost: the server refuses that end', async () => {
    const door = doors(true);
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      for (let turn = 0; turn < 5; turn += 1) {
        const host = `slow-end-${ground.host()}`;
        const gate = ground.temporal.client.workflow.getHandle(sshGateWorkflowId(host));
        const { error } = await ground.execute('gated', queue, [`${turn}`, host, { gate: { idle: 1 } }]);
        assert.equal(error, undefined);
        await until('it decides to end', async () => {
          const events = await eventsOf(gate);
          return events.some((event) => event.timerFiredEventAttributes) && !events.at(-1)?.timerFiredEventAttributes;
        });
        await ground.temporal.client.workflow.signalWithStart('sshHostGate', {
          workflowId: sshGateWorkflowId(host),
          taskQueue: queue,
          args: [{ name: host, idle: 1 }],
          signal: SSH_GATE_REQUEST,
          signalArgs: [GHOST],
        });
        await gate.result();
        const events = await eventsOf(gate);
        // Answered by whatever run of the gate took it.
        assert.ok(events.some((event) => event.signalExternalWorkflowExecutionFailedEventAttributes));
        if (events.some((event) => event.workflowTaskFailedEventAttributes)) return;
      }
      assert.fail('no end was refused');
    });
  });

  void test('a grant for a workflow that is closed, and signals that mean nothing, hold up nobody', async () => {
    const door = doors(true);
    const host = ground.host();
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const { client } = ground.temporal;
      const options = { checkInterval: '200ms', gate: { idle: '30s' } };
      assert.equal((await ground.execute('gated', queue, ['first', host, options])).error, undefined);
      const gate = client.workflow.getHandle(sshGateWorkflowId(host));
      await gate.signal(SSH_GATE_REQUEST, GHOST);
      for (const signal of ['sshGateRequest', 'sshGateRelease', 'sshGateRenew']) {
        for (const value of [undefined, null, 7, {}, { requestId: 7, holder: null }]) await gate.signal(signal, value);
      }
      await gate.cancel();
      assert.equal((await ground.execute('gated', queue, ['second', host, options])).error, undefined);
      const state = await sshGateState(client, host);
      assert.deepEqual([state?.holders.length, state?.waiting.length], [0, 0]);
      assert.equal((await gate.describe()).status.name, 'RUNNING');
    });
  });
});
