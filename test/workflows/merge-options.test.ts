import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshExecOptions, SshHostDefaults } from '../../contract';
import { mergeOptions } from '../../workflows/merge-options';

const HOST: SshHostDefaults = {
  timeouts: { banner: '90s', run: '5m' },
  env: { A: 'host' },
  retry: { maximumAttempts: 4 },
  cwd: '/srv',
};

void test('what is undefined is not given, at any depth', () => {
  const options = { timeouts: { run: undefined }, env: undefined, cwd: undefined } as unknown as SshExecOptions;
  assert.deepEqual(mergeOptions(HOST, options), HOST);
});

void test("the step's value goes before the host's, one by one where there are several", () => {
  assert.deepEqual(mergeOptions(HOST, { timeouts: { run: '1h' }, env: { B: 'step' }, retry: { initialInterval: 5 } }), {
    timeouts: { banner: '90s', run: '1h' },
    env: { A: 'host', B: 'step' },
    retry: { maximumAttempts: 4, initialInterval: 5 },
    cwd: '/srv',
  });
});

void test('a value of a wrong kind is kept, for whoever checks it', () => {
  for (const wrong of [null, 5, 'x', []])
    assert.equal(mergeOptions(HOST, { timeouts: wrong } as unknown as SshExecOptions).timeouts, wrong);
});

void test('neither is changed', () => {
  const [host, options] = [structuredClone(HOST), { timeouts: { run: '1h' } } as const];
  mergeOptions(host, options);
  assert.deepEqual([host, options], [HOST, { timeouts: { run: '1h' } }]);
});
