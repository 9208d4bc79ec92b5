import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { scheduledBy, noTemporal, outcomeOf, useGround } from '../e2e/ground';

const ok = { sshExec: async (): Promise<string> => 'ran' };

/** For each, the options of a step, and what the message must name. */
const BAD: readonly (readonly [options: unknown, message: RegExp])[] = [
  [null, /options: expected an object, found null/],
  ['fast', /options: expected an object, found a string of 4 characters/],
  [[], /options: expected an object, found an empty list/],
  [{ retires: 3 }, /retires: .*an unknown option/],
  [{ host: 'other' }, /host: expected it as an argument, found an option/],
  [{ command: 'other' }, /command: expected it as an argument, found an option/],
  [{ retry: null }, /retry: expected a retry policy, found null/],
  [{ retry: 3 }, /retry: expected a retry policy, found the number 3/],
  [{ retry: [] }, /retry: expected a retry policy/],
  [{ retry: { maxAttempts: 3 } }, /retry\.maxAttempts: .*an unknown option/],
  [{ retry: { backoffCoefficient: 0.5 } }, /retry\.backoffCoefficient: .*at least 1/],
  [{ retry: { backoffCoefficient: '2' } }, /retry\.backoffCoefficient/],
  [{ retry: { backoffCoefficient: null } }, /retry\.backoffCoefficient/],
  [{ retry: { maximumAttempts: 0 } }, /retry\.maximumAttempts/],
  [{ retry: { maximumAttempts: -1 } }, /retry\.maximumAttempts/],
  [{ retry: { maximumAttempts: 1.5 } }, /retry\.maximumAttempts/],
  [{ retry: { maximumAttempts: 'x' } }, /retry\.maximumAttempts: .*"x"/],
  [{ retry: { maximumAttempts: 2 ** 31 } }, /retry\.maximumAttempts: expected a whole number from 1 to 2147483647/],
  [{ retry: { maximumAttempts: 2 ** 32 } }, /retry\.maximumAttempts/],
  [{ retry: { initialInterval: 0 } }, /retry\.initialInterval/],
  [{ retry: { initialInterval: 'soon' } }, /retry\.initialInterval: .*"soon"/],
  [{ retry: { initialInterval: {} } }, /retry\.initialInterval/],
  [{ retry: { maximumInterval: -5 } }, /retry\.maximumInterval/],
  [{ retry: { initialInterval: '10s', maximumInterval: '5s' } }, /retry\.maximumInterval: expected at least/],
  [{ retry: { nonRetryableErrorTypes: 'X' } }, /retry\.nonRetryableErrorTypes/],
  [{ retry: { nonRetryableErrorTypes: [1] } }, /retry\.nonRetryableErrorTypes/],
  [{ deadline: 'never' }, /deadline: .*"never"/],
  [{ deadline: 0 }, /deadline/],
  [{ deadline: true }, /deadline: .*the boolean true/],
  [{ deadline: [] }, /deadline/],
  [{ heartbeatTimeout: '' }, /heartbeatTimeout/],
  [{ heartbeatTimeout: null }, /heartbeatTimeout: .*null/],
  [{ taskQueue: '' }, /taskQueue: .*an empty string/],
  [{ taskQueue: 5 }, /taskQueue/],
  [{ taskQueue: 'q'.repeat(1_001) }, /taskQueue: expected at most 1000 bytes, found 1001 bytes/],
  [{ taskQueue: '/_sys/x' }, /taskQueue: .*reserved/],
  [{ summary: '' }, /summary/],
  [{ summary: 1 }, /summary/],
  [{ timeouts: null }, /timeouts: .*null/],
  [{ timeouts: { run: '1 forthnight' } }, /timeouts\.run/],
  [{ timeouts: { total: '1s' } }, /timeouts\.total: .*unknown/],
  [{ idempotent: 'true' }, /idempotent/],
  [{ env: { 'a b': 'x' } }, /env\."a b"/],
  [{ env: null }, /env: .*null/],
  [{ okExitCodes: 0 }, /okExitCodes/],
  [{ maxOutputBytes: -1 }, /maxOutputBytes/],
  [{ outputEncoding: 'hex' }, /outputEncoding/],
  [{ stdin: 7 }, /stdin/],
  [{ 'x\ud800': 1 }, /an unknown option/],
];

const BAD_CALLS: readonly (readonly [args: readonly unknown[], message: RegExp])[] = [
  [[undefined, {}, 'x', {}], /sshHost: name: expected a host's name, found nothing/],
  [['', {}, 'x', {}], /sshHost: name: .*an empty string/],
  [[{ name: 'box' }, {}, 'x', {}], /sshHost: name: .*an object/],
  [['box', null, 'x', {}], /sshHost box: defaults: expected an object, found null/],
  [['box', 'x', 'x', {}], /defaults/],
  [['box', { taskQueue: '' }, 'x', {}], /taskQueue/],
  [['box', { host: 'other' }, 'x', {}], /host: expected it as an argument/],
  [['box', {}, undefined, {}], /command: /],
  [['box', {}, null, {}], /command: .*found null/],
  [['box', {}, '', {}], /command: .*an empty command/],
  [['box', {}, [], {}], /command: .*an empty list/],
  [['box', {}, ['a', 1], {}], /command: .*item 1/],
  [['box', {}, 'a\0', {}], /command: .*NUL/],
];

void describe('bad options fail the workflow at once', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/steps'));

  /** None of them may hang: it has 10 s, after which Temporal's own timeout would be the failure. */
  async function assertRefused(
    workflow: string,
    args: readonly unknown[],
    message: RegExp,
    queue: string
  ): Promise<void> {
    const handle = await ground.start(workflow, queue, args, 10);
    const { error, failure } = await outcomeOf(handle);
    const what = `${workflow} ${JSON.stringify(args).slice(0, 200)}: ${String(error)}`;
    assert.ok(error instanceof ApplicationFailure, what);
    assert.deepEqual([error.type, error.nonRetryable], ['SshInvalidOptions', true], what);
    assert.match(error.message, message);
    assert.deepEqual(failure?.details, {
      stage: 'config',
      host: failure?.details?.host,
      elapsedMs: 0,
      commandMayHaveRun: false,
    });
    assert.deepEqual(await scheduledBy(handle), [], 'nothing was scheduled');
  }

  void test('as options of a step, and in the input of sshCommand', async () => {
    await ground.withWorker({ activities: ok }, async (queue) => {
      const asOptions = BAD.map(async ([options, message]) =>
        assertRefused('step', ['box', {}, 'x', options], message, queue)
      );
      await Promise.all(asOptions);
      const asInput = BAD.filter(
        ([options]) => !['host', 'command'].some((name) => Object.hasOwn(Object(options) as object, name))
      )
        .filter(([options]) => typeof options === 'object' && options !== null && !Array.isArray(options))
        .map(async ([options, message]) =>
          assertRefused('sshCommand', [{ host: 'box', command: 'x', ...(options as object) }], message, queue)
        );
      await Promise.all(asInput);
    });
  });

  void test('as name, defaults and command', async () => {
    await ground.withWorker({ activities: ok }, async (queue) => {
      await Promise.all(BAD_CALLS.map(async ([args, message]) => assertRefused('step', args, message, queue)));
    });
  });

  void test('as a missing or foreign input of sshCommand', async () => {
    await ground.withWorker({ activities: ok }, async (queue) => {
      for (const args of [[], [null], ['box'], [5], [[]], [{}], [{ command: 'x' }]])
        await assertRefused('sshCommand', args, /sshHost: name: expected a host's name/, queue);
      await assertRefused('sshCommand', [{ host: 'box' }], /command: /, queue);
    });
  });

  const FROM_CODE: Readonly<Record<string, RegExp>> = {
    Infinity: /retry\.backoffCoefficient/,
    NaN: /retry\.maximumAttempts/,
    bigint: /timeouts\.run/,
    function: /summary/,
    symbol: /taskQueue/,
    'an object in env': /env\.A/,
    'half a character in taskQueue': /taskQueue: expected a well-formed string/,
    'half a character in a failure type': /retry\.nonRetryableErrorTypes/,
    'stdin that grows sixfold in JSON': /command, stdin and env together: expected at most \d+ bytes as JSON/,
    'a very long list of exit codes': /expected at most \d+ bytes as JSON/,
  };

  void test('as values that only code can give; the worker lives on', async () => {
    await ground.withWorker({ activities: ok }, async (queue) => {
      for (const [kind, message] of Object.entries(FROM_CODE))
        await assertRefused('stepFromCode', [kind], message, queue);
      const { result } = await ground.execute('step', queue, ['box', {}, 'x', {}]);
      assert.equal(result, 'ran');
    });
  });
});
