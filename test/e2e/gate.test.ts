import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sshGateWorkflowId } from '../../contract';
import { until } from '../worker/processes';
import { doors, useGateGround } from './gate-ground';
import { noTemporal, outcomeOf } from './ground';

void describe('withHost', { skip: noTemporal, timeout: 280_000 }, () => {
  const ground = useGateGround();

  void test('20 workflows are never two at once inside, and are let in as they came', async () => {
    const { activities, inside, waiting, ...door } = { ...doors(false), waiting: ground.waiting };
    const host = ground.host();
    await ground.withWorker({ activities }, async (queue) => {
      const handles = [];
      for (let i = 0; i < 20; i += 1) {
        handles.push(await ground.start('gated', queue, [`w${i}`, host, { reason: `number ${i}` }]));
        // Who came first is known only of those that came one after another.
        if (i === 0) await inside('w0');
        else await waiting(host, i);
      }
      for (let i = 0; i < 20; i += 1) door.let(`w${i}`);
      for (const handle of handles) assert.equal((await outcomeOf(handle)).error, undefined);
    });
    assert.deepEqual(
      door.entered,
      Array.from({ length: 20 }, (_, i) => `w${i}`)
    );
    assert.equal(door.most(), 1);
  });

  void test('shared ones are inside together, up to max, and do not pass an exclusive one', async () => {
    const door = doors(false);
    const host = ground.host();
    const shared = { mode: 'shared', max: 2 };
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const run = async (who: string, options: object) => ground.start('gated', queue, [who, host, options]);
      const first = [await run('a', shared), await run('b', shared)];
      await door.inside('a');
      await door.inside('b');
      first.push(await run('c', shared));
      await ground.waiting(host, 1);
      first.push(await run('alone', {}));
      await ground.waiting(host, 2);
      first.push(await run('late', { mode: 'shared' }));
      await ground.waiting(host, 3);
      assert.equal(door.entered.length, 2);
      door.let('a');
      await door.inside('c');
      assert.deepEqual(
        (await ground.waiting(host, 2)).waiting.map(({ mode }) => mode),
        ['exclusive', 'shared']
      );
      door.let('b');
      door.let('c');
      await door.inside('alone');
      assert.equal(door.entered.includes('late'), false);
      door.let('alone');
      door.let('late');
      for (const handle of first) assert.equal((await outcomeOf(handle)).error, undefined);
    });
    assert.deepEqual([door.entered.at(-2), door.entered.at(-1), door.most()], ['alone', 'late', 2]);
  });

  void test('a block in a block has the lease of the outer one; blocks beside each other take turns', async () => {
    const door = doors(true);
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const { result, error } = await ground.execute('nested', queue, [ground.host()]);
      assert.equal(error, undefined);
      const [within, beside] = result as string[][];
      assert.deepEqual([new Set(within).size, new Set(beside).size], [1, 2]);
      const upgraded = await ground.execute('upgraded', queue, [ground.host()]);
      assert.equal(upgraded.result, 'SshInvalidOptions');
    });
  });

  void test('two hosts in opposite order do not wait for each other', async () => {
    const door = doors(true);
    const [one, two] = [ground.host(), ground.host()];
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const handles = await Promise.all(
        Array.from({ length: 8 }, async (_, i) =>
          ground.start('gated', queue, [`w${i}`, i % 2 === 0 ? [one, two] : [two, one, two], {}])
        )
      );
      for (const handle of handles) assert.equal((await outcomeOf(handle)).error, undefined);
    });
    assert.deepEqual([door.entered.length, door.most()], [8, 1]);
  });

  void test('a lease that is kept lives through a continue-as-new; another ends with its run', async () => {
    const door = doors(true);
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      for (const keepOnContinueAsNew of [true, false]) {
        const host = ground.host();
        const { result, error } = await ground.execute('continued', queue, [host, { keepOnContinueAsNew }]);
        assert.equal(error, undefined);
        const [firstId, firstRun, secondId, secondRun] = result as string[];
        assert.notEqual(firstRun, secondRun);
        assert.equal(firstId === secondId, keepOnContinueAsNew);
        await until('the lease was given back', async () => (await ground.state(host)).holders.length === 0);
      }
    });
  });

  void test('a worker that is replaced changes nothing; a new gate follows one that was idle', async () => {
    const door = doors(false);
    const host = ground.host();
    const gate = ground.temporal.client.workflow.getHandle(sshGateWorkflowId(host));
    const options = { gate: { idle: 1_000 } };
    const taskQueue = ground.temporal.taskQueue();
    const [holds, waits] = await ground.withWorker({ activities: door.activities, taskQueue }, async (queue) => {
      const first = await ground.start('gated', queue, ['first', host, options]);
      await door.inside('first');
      const second = await ground.start('gated', queue, ['second', host, options]);
      await ground.waiting(host, 1);
      door.let('first');
      return [first, second];
    });
    door.let('second');
    await ground.withWorker({ activities: door.activities, taskQueue }, async (queue) => {
      for (const handle of [holds, waits]) assert.equal((await outcomeOf(handle)).error, undefined);
      await gate.result();
      const { runId } = await gate.describe();
      door.let('third');
      assert.equal((await ground.execute('gated', queue, ['third', host, options])).error, undefined);
      await gate.result();
      assert.notEqual((await gate.describe()).runId, runId);
    });
    assert.deepEqual([door.entered, door.most()], [['first', 'second', 'third'], 1]);
  });

  void test('bad options are SshInvalidOptions, at once', async () => {
    const door = doors(true);
    await ground.withWorker({ activities: door.activities }, async (queue) => {
      const cases: readonly (readonly unknown[])[] = [
        ['', {}],
        [7, {}],
        ['x'.repeat(600), {}],
        ['h', null],
        ['h', { mode: 'both' }],
        ['h', { timeout: -1 }],
        ['h', { max: 2 }],
        ['h', { lease: '1h' }],
        ['h', { gate: { idle: 'long' } }],
      ];
      for (const args of cases) {
        assert.equal((await ground.execute('refused', queue, args)).result, 'SshInvalidOptions', JSON.stringify(args));
      }
    });
  });
});
