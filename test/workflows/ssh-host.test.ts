import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { SshExecInput } from '../../contract';
import { eventsOf, inTime, noTemporal, outcomeOf, scheduledBy, useGround } from '../e2e/ground';

const SET_UP_MS = 160_000;
const MARGIN_MS = 900_000;
const LOST = ['TemporalTimeout:StartToClose', 'TemporalTimeout:Heartbeat', 'CancelledFailure'];

/** What the server was asked for. */
interface Scheduled {
  readonly input: unknown;
  readonly summary: unknown;
  readonly startToClose: number | undefined;
  readonly scheduleToClose: number | undefined;
  readonly scheduleToStart: number | undefined;
  readonly heartbeat: number | undefined;
  readonly taskQueue: string;
  readonly retry: Readonly<Record<string, unknown>>;
}

void describe('what a step schedules', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));
  const echo = { sshExec: async (input: SshExecInput): Promise<SshExecInput> => input };

  async function scheduled(workflow: string, args: readonly unknown[]): Promise<Scheduled> {
    return ground.withWorker({ activities: echo, maxCachedWorkflows: 0 }, async (queue) => {
      // Without a timeout of the workflow, which the server would cut all others to.
      const handle = await ground.temporal.client.workflow.start(workflow, {
        taskQueue: queue,
        args: [...args],
        workflowId: ground.temporal.taskQueue(),
      });
      const input: unknown = await inTime(handle.result());
      const event = (await eventsOf(handle)).find((each) => each.activityTaskScheduledEventAttributes);
      const [asked, ...others] = await scheduledBy(handle);
      assert.ok(asked && event && others.length === 0, 'exactly one activity');
      assert.equal(asked.activityType?.name, 'sshExec');
      const summary = event.userMetadata?.summary?.data;
      const { initialInterval, maximumInterval, ...policy } = asked.retryPolicy ?? {};
      return {
        input,
        summary: JSON.parse(Buffer.from(summary ?? []).toString('utf8')) as unknown,
        startToClose: optionalTsToMs(asked.startToCloseTimeout),
        scheduleToClose: optionalTsToMs(asked.scheduleToCloseTimeout),
        scheduleToStart: optionalTsToMs(asked.scheduleToStartTimeout),
        heartbeat: optionalTsToMs(asked.heartbeatTimeout),
        taskQueue: asked.taskQueue?.name === queue ? 'its own' : (asked.taskQueue?.name ?? ''),
        retry: {
          initialInterval: optionalTsToMs(initialInterval),
          maximumInterval: optionalTsToMs(maximumInterval),
          ...(JSON.parse(JSON.stringify(policy)) as object),
        },
      };
    });
  }

  void test('without options', async () => {
    assert.deepEqual(await scheduled('sshCommand', [{ host: 'box', command: 'rm --token=canary' }]), {
      input: { host: 'box', command: 'rm --token=canary' },
      summary: 'exec on box',
      startToClose: SET_UP_MS + 365 * 86_400_000 + MARGIN_MS,
      scheduleToClose: 0,
      scheduleToStart: 0,
      heartbeat: 30_000,
      taskQueue: 'its own',
      retry: {
        initialInterval: 5_000,
        maximumInterval: 120_000,
        backoffCoefficient: 2,
        nonRetryableErrorTypes: LOST,
      },
    });
  });

  void test('timeouts, deadline, heartbeatTimeout, summary and idempotent', async () => {
    const options = {
      idempotent: true,
      timeouts: { banner: '2 minutes', run: '1h' },
      deadline: '10 minutes',
      heartbeatTimeout: '10s',
      summary: 's'.repeat(300),
      env: { A: '1' },
    };
    const found = await scheduled('step', ['box', {}, ['ls', '-l'], options]);
    const { timeouts, env } = options;
    assert.deepEqual(found.input, { host: 'box', command: ['ls', '-l'], idempotent: true, timeouts, env });
    assert.equal(found.startToClose, 600_000, 'the server cuts it to the deadline');
    assert.deepEqual([found.scheduleToClose, found.scheduleToStart, found.heartbeat], [600_000, 599_000, 10_000]);
    assert.equal(found.summary, 's'.repeat(200));
    assert.deepEqual(found.retry['nonRetryableErrorTypes'], [], 'it may run again after a worker died');
    const run = await scheduled('step', ['box', {}, 'x', { timeouts }]);
    assert.equal(run.startToClose, SET_UP_MS + 60_000 + 3_600_000 + MARGIN_MS);
  });

  void test("a step's options over the host's; timeouts, env and retry value by value", async () => {
    const defaults = {
      timeouts: { banner: '90s', run: '5m' },
      env: { A: 'host', B: 'host' },
      retry: { initialInterval: '1s', maximumAttempts: 4, nonRetryableErrorTypes: ['SshConnectRefused'] },
      cwd: '/srv',
      okExitCodes: [0, 1],
      heartbeatTimeout: '40s',
    };
    const options = {
      timeouts: { run: '10m', kex: 7_000 },
      env: { B: 'step', C: 'step' },
      retry: { maximumAttempts: 2, backoffCoefficient: 3 },
      cwd: '/tmp',
      heartbeatTimeout: '20s',
      summary: 'deploy',
    };
    const found = await scheduled('step', ['box', defaults, 'x', options]);
    assert.deepEqual(found.input, {
      host: 'box',
      command: 'x',
      timeouts: { banner: '90s', run: '10m', kex: 7_000 },
      env: { A: 'host', B: 'step', C: 'step' },
      cwd: '/tmp',
      okExitCodes: [0, 1],
    });
    assert.deepEqual([found.heartbeat, found.summary], [20_000, 'deploy on box']);
    assert.deepEqual(found.retry, {
      initialInterval: 1_000,
      maximumInterval: 120_000,
      backoffCoefficient: 3,
      maximumAttempts: 2,
      nonRetryableErrorTypes: ['SshConnectRefused', ...LOST],
    });
  });

  void test('one interval of a retry policy moves the default of the other; no limit is no limit', async () => {
    const intervals = async (retry: object): Promise<readonly unknown[]> => {
      const found = await scheduled('step', ['box', {}, 'x', { retry }]);
      return [found.retry['initialInterval'], found.retry['maximumInterval'], found.retry['maximumAttempts']];
    };
    assert.deepEqual(await intervals({ maximumInterval: '2s' }), [2_000, 2_000, undefined]);
    assert.deepEqual(await intervals({ initialInterval: '1h', maximumAttempts: 2 ** 31 - 1 }), [
      3_600_000,
      3_600_000,
      2 ** 31 - 1,
    ]);
  });

  void test('a short deadline that no worker meets is a timeout before the start, not an unknown outcome', async () => {
    await ground.withWorker({}, async (queue) => {
      const { failure, error } = await ground.execute('step', queue, [
        'box',
        {},
        'x',
        { taskQueue: ground.temporal.taskQueue('nobody'), deadline: '1s' },
      ]);
      assert.equal(failure, undefined);
      assert.match(String(error?.cause), /ScheduleToStart/);
    });
  });

  void test('a cancelled step is waited for; what its activity then says counts', async () => {
    const endings = {
      cancelled: { end: (reason: unknown): unknown => reason, expected: { cancelled: true, type: null } },
      failed: {
        end: (): unknown => ApplicationFailure.nonRetryable('x', 'SshOutcomeUnknown'),
        expected: { cancelled: false, type: 'SshOutcomeUnknown' },
      },
    };
    for (const { end, expected } of Object.values(endings)) {
      let over = false;
      let started: () => void = () => undefined;
      const running = new Promise<void>((resolve) => (started = resolve));
      const sshExec = async ({ host }: SshExecInput): Promise<string> => {
        if (host === 'ready') return running.then(() => 'ready');
        const { cancelled, heartbeat, cancellationSignal } = Context.current();
        const timer = setInterval(heartbeat, 100);
        started();
        await cancelled.catch(() => undefined);
        clearInterval(timer);
        // The command's end takes its time; a workflow that does not wait would be over by then.
        await new Promise((resolve) => setTimeout(resolve, 500));
        over = true;
        throw end(cancellationSignal.reason);
      };
      await ground.withWorker({ activities: { sshExec }, maxHeartbeatThrottleInterval: 100 }, async (queue) => {
        const { result } = await ground.execute('cancelled', queue, [{ heartbeatTimeout: '5s' }]);
        assert.deepEqual(result, expected);
        assert.equal(over, true, 'the activity had ended before');
      });
    }
  });

  void test('a worker that dies: SshOutcomeUnknown with the last known stage, unless idempotent', async () => {
    const attempts = { once: 0, again: 0 };
    const silent = {
      sshExec: async ({ command }: SshExecInput): Promise<string> => {
        const { heartbeat, cancelled, info } = Context.current();
        attempts[command as 'once'] += 1;
        if (info.attempt > 1) return 'ran again';
        heartbeat({ phase: 'run', stdoutBytes: 0, stderrBytes: 0 });
        return cancelled.catch(() => 'too late');
      },
    };
    await ground.withWorker({ activities: silent }, async (queue) => {
      const options = { heartbeatTimeout: '1s', retry: { initialInterval: 100 } };
      const [once, again] = await Promise.all([
        ground.execute('step', queue, ['box', {}, 'once', options]),
        ground.execute('step', queue, ['box', {}, 'again', { ...options, idempotent: true }]),
      ]);
      assert.equal(once.failure?.type, 'SshOutcomeUnknown');
      assert.deepEqual(once.failure?.details, { stage: 'run', host: 'box', elapsedMs: 0, commandMayHaveRun: true });
      assert.match(once.failure?.message ?? '', /no longer answers \(HEARTBEAT\).*last known stage: run/);
      assert.deepEqual([again.result, attempts], ['ran again', { once: 1, again: 2 }]);
    });
  });

  void test('a failure that the SDK puts in the place of ours does not start a second run', async () => {
    let runs = 0;
    const sshExec = async (): Promise<never> => {
      runs += 1;
      throw ApplicationFailure.retryable('HEARTBEAT_DETAILS_CONVERSION_FAILED', 'CancelledFailure');
    };
    await ground.withWorker({ activities: { sshExec } }, async (queue) => {
      const handle = await ground.start('step', queue, ['box', {}, 'x', { retry: { initialInterval: 1 } }], 10);
      const { failure } = await outcomeOf(handle);
      assert.deepEqual([failure?.type, runs], ['SshOutcomeUnknown', 1]);
    });
  });
});
