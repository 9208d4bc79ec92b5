import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { sshFailureOf } from '../../contract';
import type { SshGateRequestInput, SshProgress, SshRunbook } from '../../contract';
import { noTemporal, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';
import { until } from '../worker/processes';
import { COPY, STOP, runbook } from './a-runbook';
import { fakeFleet, hang, sshFailure } from './fake-fleet';
import type { FakeFleet } from './fake-fleet';
import { runFleet, update } from './run-fleet';
import type { Hand } from './run-fleet';

async function refused(handle: WorkflowHandle, name: string, input: object): Promise<string> {
  const error: unknown = await update(handle, name, input).catch((reason: unknown) => reason);
  assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
  return error.cause?.message ?? error.message;
}

void describe('sshRunbook in hand', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));
  const run = (fleet: FakeFleet, ...what: [SshRunbook, object?, Hand?]): Promise<Outcome> =>
    runFleet(ground, fleet, 'sshRunbook', ...what);
  const inHand = (fleet: FakeFleet, book: SshRunbook, hand: Hand): Promise<Outcome> => run(fleet, book, {}, hand);

  void test('pause, resume and approve: who and why are on record, and what is out of place is refused', async () => {
    const fleet = fakeFleet();
    const steps = [
      { name: 'ask', approve: 'Really?' },
      { name: 'go', exec: 'go' },
    ];
    const { result } = await inHand(fleet, runbook(steps), async (handle, progress) => {
      await until('it waits', async () => (await progress()).state === 'waiting');
      const [question] = (await progress()).questions;
      assert.deepEqual([question?.kind, question?.step, question?.text], ['approval', 'ask', 'Really?']);
      assert.match(await refused(handle, 'resume', {}), /not paused/);
      assert.match(await refused(handle, 'pause', { by: ' ' }), /^by: expected 1 to 500 characters/);
      assert.match(await refused(handle, 'approve', { step: 'go' }), /there wait: ask/);
      assert.match(await refused(handle, 'resolve', { decision: 'ran' }), /Nothing waits for a decision/);
      assert.match(await refused(handle, 'skipHost', { host: 'db-9' }), /host: expected one that is not done/);
      assert.equal((await progress()).paused, undefined);
      const waiting = await update(handle, 'pause', {});
      assert.deepEqual([waiting.state, waiting.paused], ['waiting', true]);
      assert.match(await refused(handle, 'pause', {}), /paused already/);
      const paused = await update(handle, 'approve', {});
      assert.equal(paused.decisions.length, 2);
      await until('it is paused', async () => (await progress()).state === 'paused');
      assert.deepEqual(fleet.ran, []);
      await update(handle, 'resume', {});
    });
    const { decisions, steps: reports } = result as SshProgress;
    assert.deepEqual(
      decisions.map(({ update: name, by, reason, step }) => [name, by, reason, step]),
      [
        ['pause', 'ann', 'a test', undefined],
        ['approve', 'ann', 'a test', 'ask'],
        ['resume', 'ann', 'a test', undefined],
      ]
    );
    assert.equal(reports[0]?.message, 'approved by ann: a test');
    assert.deepEqual(fleet.ran, ['web-1: go']);
  });

  void test('the gate of a host gives its holder an hour to undo what it has done', async () => {
    const asked: SshGateRequestInput[] = [];
    const sshGateRequest = async (input: SshGateRequestInput): Promise<void> => void asked.push(input);
    const { ran, activities } = fakeFleet();
    const gated = { ran, activities: { ...activities, sshGateRequest } };
    await run(gated, runbook([{ name: 'go', exec: 'go' }]), { gate: true }, async (handle) => {
      await until('it asks for the gate', () => asked.length > 0);
      await handle.cancel();
    });
    assert.deepEqual([asked[0]?.request.graceMs, ran], [3_600_000, []]);
  });

  void test('a refusal, and no answer in time, are failures of the step', async () => {
    const fleet = fakeFleet();
    const asked = { name: 'ask', approve: 'Really?' };
    const outcome = await inHand(fleet, runbook([STOP, asked]), async (handle, progress) => {
      await until('it waits', async () => (await progress()).state === 'waiting');
      await update(handle, 'approve', { approved: false });
    });
    assert.equal(outcome.failure?.type, 'SshCompensated');
    assert.match(outcome.failure.message, /refused by ann: a test/);
    const late = await run(fakeFleet(), runbook([{ ...asked, deadline: '1s' }]));
    assert.match(late.failure?.message ?? '', /nobody answered in time/);
  });

  void test('abort ends what runs and undoes what was done, or leaves it', async () => {
    for (const undo of [true, false]) {
      const fleet = fakeFleet((command) => (command === 'copy' ? hang() : 0));
      const outcome = await inHand(fleet, runbook([STOP, COPY]), async (handle) => {
        await until('the step runs', () => fleet.ran.includes('web-1: copy'));
        await update(handle, 'abort', { undo });
      });
      assert.equal(outcome.failure?.type, undo ? 'SshCompensated' : 'SshRunFailed');
      assert.equal(sshFailureOf(outcome.failure.error.cause)?.type, 'SshRunAborted');
      assert.match(outcome.failure.message, /ann aborted the run: a test/);
      assert.deepEqual(fleet.ran.slice(2), undo ? ['web-1: remove', 'web-1: start'] : []);
    }
  });

  void test('an outcome that is not known is verified, or decided by somebody', async () => {
    for (const [answer, times] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const fleet = fakeFleet((command) => {
        if (command === 'look') return answer;
        if (fleet.ran.length === 1) throw sshFailure('SshOutcomeUnknown', 'lost');
        return 0;
      });
      const { result } = await run(fleet, runbook([{ name: 'work', exec: 'work', verify: 'look' }]));
      assert.equal((result as SshProgress).state, 'succeeded');
      assert.equal(fleet.ran.filter((each) => each === 'web-1: work').length, times);
    }
    for (const [decision, type, ran] of [
      ['ran', undefined, ['stop', 'work']],
      ['did-not-run', undefined, ['stop', 'work', 'look', 'work']],
      ['compensate', 'SshCompensated', ['stop', 'work', 'look', 'start']],
      ['stop', 'SshRunFailed', ['stop', 'work', 'look']],
    ] as const) {
      let lost = false;
      const fleet = fakeFleet((command) => {
        // A third answer tells nothing.
        if (command === 'look') return 2;
        if (command !== 'work' || lost) return 0;
        lost = true;
        throw sshFailure('SshOutcomeUnknown', 'lost');
      });
      const steps = [STOP, { name: 'work', exec: 'work', verify: 'look', onUnknown: 'ask' }];
      const outcome = await inHand(fleet, runbook(steps), async (handle, progress) => {
        await until('it waits', async () => (await progress()).state === 'waiting');
        assert.match(await refused(handle, 'resolve', { decision: 'perhaps' }), /decision: expected one of ran/);
        await update(handle, 'resolve', { decision });
      });
      assert.equal(outcome.failure?.type, type, decision);
      const commands = fleet.ran.map((each) => each.replace('web-1: ', ''));
      assert.deepEqual(
        commands.filter((each) => decision !== 'ran' || each !== 'look'),
        [...ran]
      );
    }
  });
});
