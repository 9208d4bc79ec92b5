import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import type { SshCompensationOutcome, SshProgress, SshRunbook } from '../../contract';
import { noTemporal, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';
import { until } from '../worker/processes';
import { COPY, STOP, runbook } from './a-runbook';
import { fakeFleet, hang } from './fake-fleet';
import type { FakeFleet } from './fake-fleet';
import { detailsOf, runFleet, update } from './run-fleet';
import type { Hand } from './run-fleet';

void describe('sshRunbook', { skip: noTemporal, timeout: 180_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));
  const run = (fleet: FakeFleet, ...what: [SshRunbook, object?, Hand?]): Promise<Outcome> =>
    runFleet(ground, fleet, 'sshRunbook', ...what);
  const inHand = (fleet: FakeFleet, book: SshRunbook, hand: Hand): Promise<Outcome> => run(fleet, book, {}, hand);

  void test('steps in their order, each on its hosts, and a report of them', async () => {
    const fleet = fakeFleet((command) => (command === 'which version' ? ' v2\n' : 0));
    const { result } = await run(
      fleet,
      runbook(
        [
          { name: 'look', exec: 'which version' },
          { name: 'install', exec: 'install', when: { step: 'look', stdout: { equals: 'v1' } } },
          { name: 'tell', exec: ['echo', 'it is there'], when: { step: 'install', state: 'skipped' } },
          { name: 'rest', sleep: 1 },
          { name: 'work', job: 'work', hosts: ['db-1'] },
          { name: 'well', healthy: 'curl' },
          { name: 'anew', reboot: true },
        ],
        { hosts: ['web-1', 'web-2'] }
      )
    );
    const progress = result as SshProgress;
    assert.deepEqual(
      progress.steps.map(({ name, state }) => [name, state]),
      [
        ...[
          ['look', 'succeeded'],
          ['install', 'skipped'],
          ['tell', 'succeeded'],
          ['rest', 'succeeded'],
        ],
        ...[
          ['work', 'succeeded'],
          ['well', 'succeeded'],
          ['anew', 'succeeded'],
        ],
      ]
    );
    assert.equal(progress.state, 'succeeded');
    assert.match(progress.steps[1]?.hosts?.[0]?.message ?? '', /^look on web-1 has written something else to stdout$/);
    assert.deepEqual(
      fleet.ran.filter((each) => each.startsWith('db')),
      ['db-1: work']
    );
    assert.deepEqual(fleet.ran.slice(2, 4).sort(), ['web-1: echo it is there', 'web-2: echo it is there']);
    assert.equal(JSON.stringify(progress).includes('v2'), false, 'outputs are no part of reports');
  });

  void test('everything that is wrong with it is told at once, before anything is done', async () => {
    const fleet = fakeFleet();
    const bad = [
      { name: 'a', exec: 'x', job: 'y' },
      { name: 'a', exec: '', onFailure: 'panic', undo: { run: 'x' } },
      { name: 'b', exec: 'x', when: { step: 'z' }, timeouts: { banner: 'soon' } },
      { name: 'c', approve: 'well?', hosts: ['web-1'] },
      { name: 'd', healthy: 'x', failAfter: 0 },
    ];
    const { failure } = await run(fleet, runbook(bad, { hots: ['x'] } as object));
    assert.equal(failure?.type, 'SshInvalidOptions');
    for (const path of ['steps[0]: expected exactly one', 'steps[1].exec', 'steps[1].onFailure', 'steps[1].undo.run'])
      assert.ok(failure.message.includes(path), `${path}: ${failure.message}`);
    for (const path of ['steps[1].name', 'steps[2].when.step', 'steps[2].timeouts.banner', 'steps[3].hosts', 'hots'])
      assert.ok(failure.message.includes(path), `${path}: ${failure.message}`);
    assert.ok(failure.message.includes('steps[4].failAfter: expected a whole number from 1 on'), failure.message);
    assert.deepEqual(fleet.ran, []);
  });

  void test('what was done is undone, last first, where a step fails', async () => {
    const fleet = fakeFleet((command) => (command === 'check' ? 1 : 0));
    const outcome = await run(fleet, runbook([STOP, COPY, { name: 'check', exec: 'check' }]));
    const [compensation, report] = detailsOf(outcome) as [SshCompensationOutcome, SshProgress];
    assert.equal(outcome.failure?.type, 'SshCompensated');
    assert.deepEqual(compensation.undone, ['copy on web-1', 'stop on web-1']);
    assert.equal(sshFailureOf(outcome.failure.error.cause)?.type, 'SshExitStatus');
    assert.deepEqual(
      report.steps.map(({ state }) => state),
      ['undone', 'undone', 'failed']
    );
    assert.deepEqual(report.steps[2]?.hosts?.[0]?.exitCode, 1);
    assert.deepEqual(fleet.ran.slice(2), ['web-1: check', 'web-1: remove', 'web-1: start']);
  });

  void test('onFailure: stop leaves all as it is, continue goes on', async () => {
    const fleet = fakeFleet((command) => (command === 'check' ? 3 : 0));
    const steps = [STOP, { name: 'check', exec: 'check', onFailure: 'continue' }];
    const seen = { name: 'seen', exec: 'seen', when: { step: 'check', state: 'failed', exitCode: 3 } };
    const last = { name: 'last', exec: 'check', onFailure: 'stop' };
    const outcome = await run(fleet, runbook([...steps, seen, last]));
    assert.equal(outcome.failure?.type, 'SshRunFailed');
    assert.match(outcome.failure.message, /Nothing was undone: stop on web-1\. last on web-1 failed/);
    const [report] = detailsOf(outcome) as [SshProgress];
    assert.deepEqual(
      [report.state, report.steps.map(({ state }) => state)],
      ['failed', ['succeeded', 'failed', 'succeeded', 'failed']]
    );
    assert.deepEqual(fleet.ran, ['web-1: stop', 'web-1: check', 'web-1: seen', 'web-1: check']);
  });

  void test('a cancellation undoes, and ends as one', async () => {
    const fleet = fakeFleet((command) => (command === 'copy' ? hang() : 0));
    const { error } = await inHand(fleet, runbook([STOP, COPY]), async (handle) => {
      await until('the step runs', () => fleet.ran.includes('web-1: copy'));
      await handle.cancel();
    });
    assert.ok(error instanceof CancelledFailure, String(error));
    assert.deepEqual(fleet.ran.slice(2), ['web-1: remove', 'web-1: start']);
  });

  void test('several hosts at once; the first failure keeps others from being begun; a skipped host is left out', async () => {
    const fleet = fakeFleet((_command, host) => (host === 'b' ? 1 : 0));
    const work = { name: 'work', exec: 'work', atOnce: 1, undo: { exec: 'undo' } };
    const outcome = await run(fleet, runbook([work], { hosts: ['a', 'b', 'c'] }));
    assert.equal(outcome.failure?.type, 'SshCompensationFailed', 'b cannot be undone either');
    assert.deepEqual(fleet.ran, ['a: work', 'b: work', 'b: undo', 'a: undo']);

    const second = fakeFleet();
    const { result } = await inHand(
      second,
      runbook([{ name: 'ask', approve: '?' }, work], { hosts: ['a', 'b'] }),
      async (handle, progress) => {
        await until('it waits', async () => (await progress()).state === 'waiting');
        await update(handle, 'skipHost', { host: 'a' });
        await update(handle, 'approve', {});
      }
    );
    assert.deepEqual(second.ran, ['b: work']);
    assert.equal((result as SshProgress).steps[1]?.hosts?.[0]?.message, 'the host is skipped');
  });

  void test('a dry run looks at each host once, for the programs that it will need, and changes nothing', async () => {
    const fleet = fakeFleet((command, host) => (command === 'check' && host === 'web-2' ? 'rsync' : 0));
    const steps = [{ name: 'copy', exec: ['rsync', 'a', 'b'], hosts: { labels: { role: 'web' } } }];
    const outcome = await run(fleet, runbook(steps, { programs: ['tar'] }), { dryRun: true });
    assert.equal(outcome.failure?.type, 'SshRunFailed');
    assert.match(
      outcome.failure.message,
      /^dry run of runbook [^:]+: 1 of 2 hosts are not ready: web-2\. The report says why; nothing was changed$/
    );
    assert.deepEqual([...fleet.ran].sort(), ['web-1: check tar rsync', 'web-2: check tar rsync']);
    const fine = await run(fakeFleet(), runbook(steps), { dryRun: true });
    assert.equal((fine.result as SshProgress).dryRun, true);
  });
});
