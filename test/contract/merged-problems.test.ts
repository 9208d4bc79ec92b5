import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  describeProblems,
  maintenanceProblems,
  rolloutProblems,
  runbookProblems,
  undoStepProblems,
} from '../../contract';

const paths = (problems: readonly { readonly option: string }[]): readonly string[] =>
  problems.map(({ option }) => option);

void describe('problems that would come up when a step has its turn', () => {
  const runbook = (step: object, defaults?: object): object => ({
    ...{ name: 'r', hosts: ['a'], steps: [{ name: 'one', ...step }] },
    ...(defaults && { defaults }),
  });

  void test('a step together with the defaults of all steps', () => {
    const attempts = { retry: { maximumAttempts: 3 } };
    const intervals = { retry: { initialInterval: '10m' } };
    const short = { maximumInterval: '1m' };
    assert.deepEqual(paths(runbookProblems(runbook({ job: 'work' }, attempts))), ['steps[0].retry.maximumAttempts']);
    assert.deepEqual(paths(runbookProblems(runbook({ job: 'work', follow: 'stream' }, attempts))), []);
    assert.deepEqual(paths(runbookProblems(runbook({ exec: 'x', once: true }, { pty: true }))), ['steps[0].once']);
    const undo = { exec: 'y', retry: short };
    assert.match(paths(runbookProblems(runbook({ exec: 'x', undo }, intervals))).join(), /^steps\[0\]\.undo\.retry/);
    const fleet = { name: 'f', hosts: ['a'], defaults: attempts };
    assert.deepEqual(paths(rolloutProblems({ ...fleet, change: [{ name: 'c', job: 'x' }] })), [
      'change[0].retry.maximumAttempts',
    ]);
    assert.deepEqual(paths(maintenanceProblems({ ...fleet, job: [{ name: 'c', exec: 'x' }] })), []);
  });

  void test('healthy: failAfter and soak 0 are options; looks are a second apart at least', () => {
    assert.deepEqual(runbookProblems(runbook({ healthy: 'x', failAfter: 3, soak: 0 })), []);
    assert.deepEqual(paths(runbookProblems(runbook({ healthy: 'x', every: '100ms' }))), ['steps[0].every']);
    assert.deepEqual(paths(runbookProblems(runbook({ reachable: true, every: 'x' }))), ['steps[0].every']);
  });

  void test('undo steps as data', () => {
    assert.deepEqual(undoStepProblems({ name: 'n', host: 'h', command: 'c', options: { deadline: '1m' } }), []);
    assert.deepEqual(paths(undoStepProblems({ name: '', command: '', options: { deadline: 'x' }, more: 1 })), [
      ...['name', 'host', 'command', 'deadline', 'more'],
    ]);
  });

  void test('thousands of problems are a message of a hundred', () => {
    const problems = runbookProblems(runbook({ exec: 'x', hosts: Array.from({ length: 9_000 }, (_, index) => index) }));
    const message = describeProblems('sshRunbook', problems);
    assert.match(message, /and 8900 more$/);
    assert.ok(message.length < 20_000);
  });
});
