import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SetUpGate } from '../../../ssh/pool/set-up-gate';

const PATIENT = 30_000;

describe('set-up gate', () => {
  it('lets in as many as are allowed for a host, and the next when one leaves, in order', async () => {
    const gate = new SetUpGate({ maxSetUps: 2, maxSetUpsInAll: 10 });
    const [first] = await Promise.all([gate.enter('a', PATIENT), gate.enter('a', PATIENT)]);
    const order: number[] = [];
    const third = gate.enter('a', PATIENT).then((leave) => (order.push(3), leave));
    const fourth = gate.enter('a', PATIENT).then((leave) => (order.push(4), leave));
    assert.ok(await gate.enter('b', PATIENT), 'another host has its own places');
    assert.deepEqual(order, []);
    first?.();
    first?.();
    (await third)?.();
    await fourth;
    assert.deepEqual(order, [3, 4]);
  });

  it('limits all hosts together', async () => {
    const gate = new SetUpGate({ maxSetUps: 5, maxSetUpsInAll: 1 });
    const leave = await gate.enter('a', PATIENT);
    assert.equal(await gate.enter('b', 1), undefined);
    leave?.();
    assert.ok(await gate.enter('b', 1));
  });

  it('gives up after its limit and when it is aborted, and holds no place then', async () => {
    const gate = new SetUpGate({ maxSetUps: 1, maxSetUpsInAll: 10 });
    const leave = await gate.enter('a', PATIENT);
    assert.equal(await gate.enter('a', 1), undefined);
    const reason = new Error('cancelled');
    await assert.rejects(gate.enter('a', PATIENT, { signal: AbortSignal.abort(reason) }), reason);
    const abort = new AbortController();
    const waiting = gate.enter('a', PATIENT, { signal: abort.signal });
    abort.abort(reason);
    await assert.rejects(waiting, reason);
    leave?.();
    assert.ok(await gate.enter('a', 1));
  });

  it('halves the limit of a host that has too many, and lets it grow again by what the host takes', async () => {
    const gate = new SetUpGate({ maxSetUps: 4, maxSetUpsInAll: 64 });
    gate.refused('a', performance.now());
    // One that began before tells nothing new.
    gate.refused('a', 0);
    assert.deepEqual([gate.limitOf('a'), gate.limitOf('b')], [2, 4]);
    const leave = await gate.enter('a', PATIENT);
    await gate.enter('a', PATIENT);
    assert.equal(await gate.enter('a', 1), undefined);
    leave?.();
    for (let again = 0; again < 3; again += 1) gate.refused('a', performance.now());
    assert.equal(gate.limitOf('a'), 1);
    const limits = Array.from({ length: 64 }, () => (gate.accepted('a'), gate.limitOf('a')));
    assert.deepEqual([...new Set(limits)], [1, 2, 3, 4]);
    assert.equal(limits.indexOf(2), 15);
  });
});
