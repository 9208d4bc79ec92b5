import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { SshQuestion } from '../../contract';
import { noTemporal, outcomeOf, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';
import { until } from '../worker/processes';
import { fakeFleet, sshFailure } from './fake-fleet';
import type { FakeFleet } from './fake-fleet';

/** A host on which the first `work` is lost. */
function losing(answers: Readonly<Record<string, number>> = {}): FakeFleet {
  let lost = false;
  return fakeFleet((command) => {
    if (command !== 'work' || lost) return answers[command] ?? 0;
    lost = true;
    throw sshFailure('SshOutcomeUnknown', 'lost');
  });
}

void describe('whenUnknown', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  async function run(
    { activities }: FakeFleet,
    verify?: string,
    hand: (handle: WorkflowHandle) => Promise<void> = async () => undefined
  ): Promise<Outcome> {
    return ground.withWorker({ activities, maxCachedWorkflows: 0 }, async (queue) => {
      const handle = await ground.start('unsure', queue, verify === undefined ? [] : [verify]);
      await hand(handle);
      return outcomeOf(handle);
    });
  }

  const answer = (handle: WorkflowHandle, input: object): Promise<unknown> =>
    handle.executeUpdate('resolve', { args: [{ by: 'ann', reason: 'looked', ...input }] });

  void test('a step whose outcome is known is not asked about', async () => {
    assert.equal((await run(fakeFleet())).result, 'seen');
  });

  void test('a command decides', async () => {
    const ran = losing();
    assert.equal((await run(ran, 'look')).result, 'ran');
    assert.deepEqual(ran.ran, ['box: work', 'box: look']);
    const again = losing({ look: 1 });
    assert.equal((await run(again, 'look')).result, 'seen');
    assert.deepEqual(again.ran, ['box: work', 'box: look', 'box: work']);
  });

  for (const [decision, result, type, ran] of [
    ['ran', 'ran', undefined, ['work']],
    ['did-not-run', 'seen', undefined, ['work', 'work']],
    ['retry', 'seen', undefined, ['work', 'work']],
    ['compensate', undefined, 'SshCompensated', ['work', 'undo']],
  ] as const) {
    void test(`somebody decides: ${decision}`, async () => {
      const fleet = losing();
      const outcome = await run(fleet, undefined, async (handle) => {
        const questions = (): Promise<readonly SshQuestion[]> => handle.query('questions');
        await until('it asks', async () => (await questions()).length === 1);
        assert.match((await questions())[0]?.text ?? '', /^SshOutcomeUnknown: lost/);
        for (const [input, refusal] of [
          [{ decision, by: '' }, /^by: expected/],
          [{ decision: 'perhaps' }, /^decision: expected one of ran, did-not-run, retry, compensate/],
          [{ decision, step: 'other' }, /there wait: work/],
        ] as const) {
          const error: unknown = await answer(handle, input).catch((reason: unknown) => reason);
          assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
          assert.match(error.cause?.message ?? '', refusal);
        }
        await answer(handle, { decision });
      });
      assert.deepEqual([outcome.result, outcome.failure?.type], [result, type]);
      assert.deepEqual(
        fleet.ran,
        ran.map((command) => `box: ${command}`)
      );
    });
  }
});
