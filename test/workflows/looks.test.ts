import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { SshFailureType, SshReachableInput } from '../../contract';
import { inTime, noTemporal, outcomeOf, scheduledBy, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';

const MINUTE_MS = 60_000;

void describe('what the helpers for hosts schedule', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/looks'));

  /** Runs a workflow with fake activities; tells how it ended and what it scheduled. */
  async function run(
    workflow: string,
    args: readonly unknown[],
    activities: Readonly<Record<string, (input: never) => Promise<unknown>>> = {}
  ): Promise<Outcome & { readonly scheduled: readonly Readonly<Record<string, unknown>>[] }> {
    const echo = async (input: unknown): Promise<unknown> => input;
    const fakes = { sshReachable: echo, sshHealthy: echo, sshExec: echo, sshCheck: echo, ...activities };
    return ground.withWorker(
      { activities: { ...fakes, sshListHosts: async () => ({ hosts: [] }), ...activities } },
      async (queue) => {
        // Without a timeout of the workflow, which the server would cut all others to.
        const handle = await ground.temporal.client.workflow.start(workflow, {
          taskQueue: queue,
          args: [...args],
          workflowId: ground.temporal.taskQueue(),
        });
        const outcome = await inTime(outcomeOf(handle));
        const scheduled = (await scheduledBy(handle)).map((asked) => ({
          name: asked.activityType?.name,
          input: JSON.parse(Buffer.from(asked.input?.payloads?.[0]?.data ?? []).toString()) as unknown,
          startToClose: optionalTsToMs(asked.startToCloseTimeout),
          scheduleToClose: optionalTsToMs(asked.scheduleToCloseTimeout),
          heartbeat: optionalTsToMs(asked.heartbeatTimeout),
          initialInterval: optionalTsToMs(asked.retryPolicy?.initialInterval),
          maximumInterval: optionalTsToMs(asked.retryPolicy?.maximumInterval),
          maximumAttempts: asked.retryPolicy?.maximumAttempts ?? 0,
          taskQueue: asked.taskQueue?.name === queue ? 'its own' : asked.taskQueue?.name,
        }));
        return { ...outcome, scheduled };
      }
    );
  }

  const USUAL = {
    heartbeat: 30_000,
    initialInterval: 10_000,
    maximumInterval: 10_000,
    maximumAttempts: 0,
    taskQueue: 'its own',
  };

  void test('without options', async () => {
    const [wait] = (await run('waitForBox', [])).scheduled;
    const deadline = 15 * MINUTE_MS;
    const asked = { ...USUAL, scheduleToClose: deadline, startToClose: deadline };
    assert.deepEqual(wait, { name: 'sshReachable', input: { host: 'box' }, ...asked });
    const [healthy] = (await run('healthyBox', ['probe'])).scheduled;
    const input = { host: 'box', command: 'probe' };
    assert.deepEqual(healthy, {
      ...{ name: 'sshHealthy', input, ...USUAL },
      ...{ scheduleToClose: 10 * MINUTE_MS, startToClose: 10 * MINUTE_MS },
    });
    const [check] = (await run('checkBox', [])).scheduled;
    assert.deepEqual([check?.['name'], check?.['input'], check?.['scheduleToClose']], ['sshCheck', { host: 'box' }, 0]);
    const { result, scheduled } = await run('listHosts', []);
    assert.deepEqual([result, scheduled[0]?.['name'], scheduled[0]?.['input']], [[], 'sshListHosts', {}]);
  });

  void test("a step's options, over those of the host that concern a look", async () => {
    const defaults = {
      timeouts: { banner: '90s', run: '5h', idle: '1h' },
      retry: { maximumAttempts: 2 },
      deadline: '1h',
      env: { A: '1' },
      okExitCodes: [9],
      heartbeatTimeout: '40s',
    };
    const options = { deadline: '1d', every: '1m', timeouts: { kex: '5s' }, notBootId: 'x' };
    const [wait] = (await run('waitForBox', [options, defaults])).scheduled;
    const { timeouts, every, notBootId } = { ...options, timeouts: { banner: '90s', kex: '5s' } };
    assert.deepEqual(wait?.['input'], { host: 'box', every, notBootId, timeouts });
    assert.deepEqual(
      [wait?.['scheduleToClose'], wait?.['heartbeat'], wait?.['initialInterval'], wait?.['maximumAttempts']],
      [24 * 60 * MINUTE_MS, 40_000, MINUTE_MS, 0]
    );
    const { scheduled } = await run('healthyBox', ['probe', { soak: '1m', failAfter: 3 }, defaults]);
    assert.deepEqual(scheduled[0]?.['input'], {
      ...{ host: 'box', command: 'probe', soak: '1m', failAfter: 3 },
      ...{ env: { A: '1' }, timeouts: { banner: '90s' } },
    });
    const [check] = (await run('checkBox', [{ programs: ['tar'], deadline: '5m' }, defaults])).scheduled;
    assert.deepEqual(check?.['input'], { host: 'box', programs: ['tar'], timeouts: defaults.timeouts });
    assert.deepEqual([check?.['scheduleToClose'], check?.['maximumAttempts']], [5 * MINUTE_MS, 2]);
  });

  const INVALID: Readonly<Record<string, readonly [string, readonly unknown[], RegExp]>> = {
    'wait: no options': ['waitForBox', ['soon'], /waitUntilReachable on box: options: expected an object/],
    'wait: an interval': ['waitForBox', [{ every: '1ms' }], /every: expected at least 1000 ms/],
    'wait: a deadline': ['waitForBox', [{ deadline: 'soon' }], /deadline: expected .*"soon"/],
    'wait: attempts are looks': ['waitForBox', [{ retry: { maximumAttempts: 3 } }], /retry: .* an unknown option/],
    'wait: another host': ['waitForBox', [{ host: 'other' }], /host: expected it as an argument/],
    'healthy: no command': ['healthyBox', [''], /command: expected a command/],
    'healthy: a command in the options': ['healthyBox', ['x', { command: 'y' }], /command: expected it as an argument/],
    'healthy: a soak': ['healthyBox', ['x', { soak: 'long' }], /soak: expected .* or 0/],
    'reboot: a command': ['rebootBox', [{ command: [] }], /command: .* an empty list/],
    'reboot: a delay': ['rebootBox', [{ delay: 'x' }], /delay: /],
    'reboot: an unknown option': ['rebootBox', [{ notBootId: 'x' }], /notBootId: .* an unknown option/],
    'reboot: a queue': ['rebootBox', [{ taskQueue: '' }], /taskQueue: /],
    'check: programs': ['checkBox', [{ programs: 'tar' }], /programs: expected a list/],
    'check: an unknown option': ['checkBox', [{ program: ['tar'] }], /program: .* an unknown option/],
    'list: labels': ['listHosts', [{ labels: { role: 5 } }], /labels\.role: /],
    'list: an unknown option': ['listHosts', [{}, { timeouts: {} }], /timeouts: .* an unknown option/],
  };
  for (const [name, [workflow, args, message]] of Object.entries(INVALID)) {
    void test(`invalid options, ${name}: SshInvalidOptions, and nothing is scheduled`, async () => {
      const { failure, scheduled } = await run(workflow, args);
      assert.equal(failure?.type, 'SshInvalidOptions');
      assert.match(failure.message, message);
      assert.deepEqual(scheduled, []);
    });
  }

  const fail = (type: SshFailureType, commandMayHaveRun: boolean): ApplicationFailure => {
    const details = { stage: 'run', host: 'box', elapsedMs: 1, commandMayHaveRun };
    return ApplicationFailure.create({ type, message: type, nonRetryable: true, details: [details] });
  };
  /** A host whose reboot command ends so. */
  const rebooting = (error: ApplicationFailure | undefined, keyAfter = 'SHA256:one'): Parameters<typeof run>[2] => ({
    sshReachable: async ({ host, notBootId }: SshReachableInput) => ({
      ...{ host, attempt: 1 },
      ...(notBootId === undefined
        ? { bootId: 'first', hostKeyFingerprint: 'SHA256:one' }
        : { bootId: 'second', hostKeyFingerprint: keyAfter }),
    }),
    sshExec: async () => {
      if (error) throw error;
    },
  });

  void test('reboot: how its command may end', async () => {
    const after = { host: 'box', bootIdBefore: 'first', bootIdAfter: 'second', hostKeyFingerprint: 'SHA256:one' };
    for (const type of [
      'SshOutcomeUnknown',
      'SshConnectionLost',
      'SshDisconnected',
      'SshExitStatusMissing',
      'SshExitSignal',
    ] as const) {
      const { result, scheduled } = await run('rebootBox', [], rebooting(fail(type, true)));
      assert.deepEqual(result, after, type);
      assert.deepEqual(
        scheduled.map(({ name, input }) => [name, input]),
        [
          ['sshReachable', { host: 'box' }],
          ['sshExec', { host: 'box', command: 'shutdown -r now' }],
          ['sshReachable', { host: 'box', notBootId: 'first' }],
        ]
      );
    }
    for (const error of [fail('SshConnectionLost', false), fail('SshExitStatus', true), fail('SshAuthFailed', false)]) {
      const { failure, scheduled } = await run('rebootBox', [{}], rebooting(error));
      assert.deepEqual([failure?.type, scheduled.length], [error.type, 2]);
    }
  });

  void test('reboot: another host key afterwards', async () => {
    const { failure } = await run('rebootBox', [], rebooting(undefined, 'SHA256:two'));
    assert.equal(failure?.type, 'SshHostKeyMismatch');
    assert.match(failure.message, /SHA256:two after its reboot, and had SHA256:one before/);
  });
});
