import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { sshFailureOf } from '../../contract';
import type { SshCompensationOutcome, SshExecInput } from '../../contract';
import { eventsOf, noTemporal, outcomeOf, scheduledBy, useGround } from '../e2e/ground';
import type { ReleaseStep } from './fixtures/release';
import { until } from '../worker/processes';

const STEPS: readonly ReleaseStep[] = [
  { command: 'stop', undo: 'undo stop' },
  { command: 'copy', undo: 'undo copy' },
  { command: 'start', undo: 'undo start' },
];

void describe('compensating', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  /** Activities that do what their command says, and keep what they were asked for. */
  function fakes(behave: (command: string) => void | Promise<void> = () => undefined): {
    readonly ran: string[];
    readonly activities: object;
  } {
    const ran: string[] = [];
    const sshExec = async ({ command }: SshExecInput): Promise<void> => {
      ran.push(command as string);
      await behave(command as string);
    };
    const foreign = async (): Promise<void> => {
      throw ApplicationFailure.nonRetryable('the database said no', 'ForeignType');
    };
    return { ran, activities: { sshExec, foreign } };
  }

  const failing =
    (...commands: string[]) =>
    (command: string): void => {
      if (!commands.includes(command)) return;
      const details = { stage: 'run', host: 'box', elapsedMs: 1, commandMayHaveRun: true, exitCode: 1 };
      throw ApplicationFailure.nonRetryable(`${command} failed`, 'SshExitStatus', details);
    };

  void test('a body that succeeds undoes nothing', async () => {
    const { ran, activities } = fakes();
    await ground.withWorker({ activities }, async (queue) => {
      assert.equal((await ground.execute('release', queue, [STEPS])).result, 'released');
    });
    assert.deepEqual(ran, ['stop', 'copy', 'start']);
  });

  void test('last first, the step that failed included, since it may have happened; the failure tells what was undone', async () => {
    const { ran, activities } = fakes(failing('copy'));
    await ground.withWorker({ activities, maxCachedWorkflows: 0 }, async (queue) => {
      const { failure } = await ground.execute('release', queue, [STEPS]);
      assert.equal(failure?.type, 'SshCompensated');
      assert.deepEqual(failure.details, {
        failure: { type: 'SshExitStatus', message: 'copy failed', mayHaveRun: true },
        registered: ['undo stop', 'undo copy'],
        undone: ['undo copy', 'undo stop'],
        notUndone: [],
      });
      assert.match(failure.message, /is undone \(undo copy, undo stop\)\. It began with SshExitStatus: copy failed/);
      assert.equal(sshFailureOf(failure.error.cause)?.type, 'SshExitStatus', 'the cause is what began it');
    });
    assert.deepEqual(ran, ['stop', 'copy', 'undo copy', 'undo stop']);
  });

  void test('whatever the body throws', async () => {
    const { ran, activities } = fakes();
    await ground.withWorker({ activities }, async (queue) => {
      const { error } = await ground.execute('release', queue, [STEPS.slice(0, 1), 'throw']);
      assert.ok(error instanceof ApplicationFailure && error.cause instanceof ApplicationFailure);
      assert.deepEqual([error.type, error.cause.type, error.nonRetryable], ['SshCompensated', 'AsTold', true]);
      assert.equal(
        (await ground.execute('release', queue, [[], 'throw'])).error?.message,
        'as told',
        'nothing to undo'
      );
    });
    assert.deepEqual(ran, ['stop', 'undo stop']);
  });

  void test('an undo that fails does not keep the others from running: SshCompensationFailed tells all', async () => {
    const { ran, activities } = fakes(failing('check', 'undo copy'));
    const steps: readonly ReleaseStep[] = [
      ...STEPS,
      { command: 'a', undoThrows: 'error' },
      { command: 'b', undoThrows: 'failure' },
      { command: 'c', undoThrows: 'string' },
      { command: 'd', undo: 'foreign: call' },
      { command: 'check' },
    ];
    await ground.withWorker({ activities }, async (queue) => {
      const { failure, error } = await ground.execute('release', queue, [steps]);
      assert.equal(failure?.type, 'SshCompensationFailed');
      assert.ok(error instanceof ApplicationFailure && error.nonRetryable);
      assert.match(error.message, /^5 of 7 undo steps failed: foreign: call, c, b, a, undo copy\./);
      assert.deepEqual(failure?.details, {
        failure: { type: 'SshExitStatus', message: 'check failed', mayHaveRun: true },
        registered: ['undo stop', 'undo copy', 'undo start', 'a', 'b', 'c', 'foreign: call'],
        undone: ['undo start', 'undo stop'],
        notUndone: [
          { name: 'foreign: call', type: 'ForeignType', message: 'the database said no' },
          { name: 'c', type: 'Error', message: 'a string' },
          { name: 'b', type: 'Foreign', message: 'not mine' },
          { name: 'a', type: 'RangeError', message: 'out of range' },
          { name: 'undo copy', type: 'SshExitStatus', message: 'undo copy failed' },
        ],
      });
      assert.match(String(error.cause?.cause), /check failed/, 'the cause is what began it');
    });
    assert.deepEqual(ran.slice(-3), ['undo start', 'undo copy', 'undo stop']);
  });

  void test('a workflow that is cancelled undoes where no cancellation reaches, and ends as cancelled', async () => {
    let undoing: () => void = () => undefined;
    let goOn: () => void = () => undefined;
    const inUndo = new Promise<void>((resolve) => (undoing = resolve));
    const cancelledAgain = new Promise<void>((resolve) => (goOn = resolve));
    const { ran, activities } = fakes(async (command) => {
      if (command !== 'undo copy') return;
      undoing();
      const { heartbeat, cancellationSignal } = Context.current();
      const timer = setInterval(heartbeat, 50);
      await cancelledAgain;
      clearInterval(timer);
      assert.equal(cancellationSignal.aborted, false);
    });
    await ground.withWorker({ activities, maxHeartbeatThrottleInterval: 50 }, async (queue) => {
      const handle = await ground.start('release', queue, [STEPS.slice(0, 2), 'wait']);
      await until('both steps have begun', () => ran.length === 2);
      await handle.cancel();
      await inUndo;
      await handle.cancel();
      // The server has the second request in the history, so that the workflow would know.
      goOn();
      const { error } = await outcomeOf(handle);
      assert.ok(error instanceof CancelledFailure, String(error));
    });
    assert.deepEqual(ran, ['stop', 'copy', 'undo copy', 'undo stop']);
  });

  void test('to continue as new undoes nothing', async () => {
    const { ran, activities } = fakes();
    await ground.withWorker({ activities }, async (queue) => {
      const handle = await ground.start('release', queue, [STEPS, 'continue']);
      const { result } = await outcomeOf(handle);
      assert.equal(result, 'released', 'the run that follows');
      const first = ground.temporal.client.workflow.getHandle(
        handle.workflowId,
        (handle as unknown as { firstExecutionRunId: string }).firstExecutionRunId
      );
      assert.ok((await eventsOf(first)).some((event) => event.workflowExecutionContinuedAsNewEventAttributes));
    });
    assert.deepEqual(ran, ['stop', 'copy', 'start']);
  });

  void test('an undo step may run twice and ends within an hour, unless it says otherwise', async () => {
    const { activities } = fakes(failing('copy'));
    await ground.withWorker({ activities }, async (queue) => {
      const handle = await ground.start('release', queue, [STEPS.slice(0, 2)], 7_200);
      await outcomeOf(handle);
      const limits = (await scheduledBy(handle)).map(({ scheduleToCloseTimeout, retryPolicy }) => [
        Number(scheduleToCloseTimeout?.seconds ?? 0),
        retryPolicy?.nonRetryableErrorTypes?.length,
      ]);
      assert.deepEqual(limits, [
        [7_200, 3],
        [7_200, 3],
        [3_600, 0],
        [3_600, 0],
      ]);
    });
  });

  async function beatUntilCancelled(): Promise<void> {
    const { heartbeat, cancelled } = Context.current();
    const timer = setInterval(heartbeat, 50);
    await cancelled.finally(() => clearInterval(timer));
  }

  void test('an undo step is tried as often as it says, and for so long', async () => {
    let tries = 0;
    const { ran, activities } = fakes(async (command) => {
      if (command === 'undo copy' && (tries += 1) < 3) failing('undo copy')(command);
      if (command === 'undo start') await beatUntilCancelled();
      failing('start')(command);
    });
    const steps: readonly ReleaseStep[] = [
      { command: 'copy', undo: 'undo copy', undoOptions: { maximumAttempts: 3, retryInterval: 10 } },
      { command: 'start', undo: 'undo start', undoOptions: { deadline: '1s' } },
    ];
    await ground.withWorker({ activities, maxHeartbeatThrottleInterval: 50 }, async (queue) => {
      const { failure } = await ground.execute('release', queue, [steps]);
      const { undone, notUndone } = failure?.details as unknown as SshCompensationOutcome;
      assert.deepEqual([undone, notUndone.length], [['undo copy'], 1]);
      assert.match(notUndone[0]?.message ?? '', /^not within 1000 ms$/);
    });
    assert.deepEqual(ran, ['copy', 'start', 'undo start', 'undo copy', 'undo copy', 'undo copy']);
  });

  void test('undo steps are carried through continue-as-new', async () => {
    const { ran, activities } = fakes();
    await ground.withWorker({ activities }, async (queue) => {
      const { failure } = await ground.execute('releaseInRuns', queue, [['a', 'b']]);
      const { registered, undone } = failure?.details as unknown as SshCompensationOutcome;
      assert.deepEqual(
        [registered, undone],
        [
          ['undo a', 'undo b'],
          ['undo b', 'undo a'],
        ]
      );
    });
    assert.deepEqual(ran, ['a', 'b', 'undo b', 'undo a']);
  });

  void test('a child workflow undoes its own, and its parent then what it did before', async () => {
    const { ran, activities } = fakes(failing('copy'));
    await ground.withWorker({ activities }, async (queue) => {
      const { failure } = await ground.execute('releaseInChild', queue, [STEPS.slice(0, 2)]);
      const { failure: began } = failure?.details as unknown as SshCompensationOutcome;
      assert.deepEqual([began.type, began.message], ['OfTheChild', 'SshCompensated']);
    });
    assert.deepEqual(ran, ['parent', 'stop', 'copy', 'undo copy', 'undo stop', 'undo parent']);
  });
});
