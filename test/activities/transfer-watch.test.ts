import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransferRate } from '../../activities/transfer-rate';
import { TransferWatch } from '../../activities/transfer-watch';

void test('the rate is that of the last seconds', () => {
  let now = 0;
  const rate = new TransferRate(() => now);
  assert.equal(rate.bytesPerSecond, 0);
  for (const [at, bytes] of [
    [0, 0],
    [1_000, 1_000],
    [2_000, 2_000],
  ] as const) {
    now = at;
    rate.update(bytes);
  }
  assert.equal(rate.bytesPerSecond, 1_000);
  now = 6_000;
  assert.equal(rate.bytesPerSecond, 200, 'what stands still becomes slower');
  now = 20_000;
  assert.equal(rate.bytesPerSecond, 0);
  for (let step = 0; step <= 10_000; step += 1) {
    now = 20_000 + step;
    rate.update(2_000 + step * 10);
  }
  assert.ok(Math.abs(rate.bytesPerSecond - 10_000) < 300, `${rate.bytesPerSecond}`);
  rate.update(0);
  assert.equal(rate.bytesPerSecond, 0, 'it begins anew');
});

void test('bytes that went over: not those that were proven to be there', () => {
  const watch = new TransferWatch('x', undefined);
  const told: number[] = [];
  watch.onBytes = (bytes) => told.push(bytes);
  const at = (phase: 'verify' | 'transfer', bytes: number): boolean => watch.progress({ phase, file: 'x', bytes });
  at('transfer', 0);
  at('verify', 100);
  at('transfer', 100);
  at('transfer', 150);
  at('transfer', 150);
  assert.deepEqual(told, [50]);
});
