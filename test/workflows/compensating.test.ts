import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { SshExecInput } from '../../contract';
import { eventsOf, noTemporal, outcomeOf, useGround } from '../e2e/ground';
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

  void test('last first, the step that failed included, since it may have happened; the failure is that of the body', async () => {
    const { ran, activities } = fakes(failing('copy'));
    await ground.withWorker({ activities, maxCachedWorkflows: 0 }, async (queue) => {
      const { failure } = await ground.execute('release', queue, [STEPS]);
      assert.deepEqual([failure?.type, failure?.message], ['SshExitStatus', 'copy failed']);
    });
    assert.deepEqual(ran, ['stop', 'copy', 'undo copy', 'undo stop']);
  });

  void test('whatever the body throws', async () => {
    const { ran, activities } = fakes();
    await ground.withWorker({ activities }, async (queue) => {
      const { error } = await ground.execute('release', queue, [STEPS.slice(0, 1), 'throw']);
      assert.ok(error instanceof ApplicationFailure);
      assert.equal(error.type, 'AsTold');
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
});
