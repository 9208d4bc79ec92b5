import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { SshExecResult } from '../../contract';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import type { RealDropbear } from '../support/dropbear';
import { identify } from '../support/processes';
import { until } from '../worker/processes';
import { eventsOf, noTemporal, outcomeOf, useGround } from './ground';

const skip = noTemporal || dropbearSkipReason();

void describe('a step that an operator pauses or resets', { skip, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  let dropbear: RealDropbear;
  before(async () => {
    dropbear = await startDropbear();
  });
  after(() => dropbear.stop());

  type Act = 'pauseActivity' | 'unpauseActivity' | 'resetActivity';

  /** Does what `temporal activity pause` and the like do. */
  async function operator(act: Act, { workflowId }: WorkflowHandle): Promise<void> {
    const { workflowService } = ground.temporal.client.connection;
    const request = { namespace: 'default', execution: { workflowId }, id: '1', identity: 'operator' };
    if (act === 'pauseActivity') await workflowService.pauseActivity(request);
    else if (act === 'unpauseActivity') await workflowService.unpauseActivity(request);
    else await workflowService.resetActivity(request);
  }

  interface Running {
    readonly handle: WorkflowHandle;
    readonly runs: () => number;
    /** The process of the command on the host. */
    readonly pid: () => number;
    readonly end: () => void;
    /** The activity has got to know of what the operator did. */
    readonly knows: Promise<void>;
  }

  /** A command that has begun; it ends when told to. */
  async function running<T>(name: string, options: object, fn: (step: Running) => Promise<T>): Promise<T> {
    const file = join(dropbear.directory, name);
    const read = (): readonly string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
    const hosts = { hosts: { box: hostConfig(dropbear, { user: dropbear.user }) } };
    let known: () => void = () => undefined;
    const knows = new Promise<void>((resolve) => (known = resolve));
    const interceptors = {
      activity: [
        ({ cancellationSignal }: { cancellationSignal: AbortSignal }) => {
          cancellationSignal.addEventListener('abort', known);
          return {};
        },
      ],
    };
    const plugins = [new SshPlugin({ hosts })];
    return ground.withWorker({ plugins, interceptors, maxHeartbeatThrottleInterval: 200 }, async (queue) => {
      const command = `echo $$ >> ${file}; while [ ! -e ${file}.end ]; do sleep 0.1; done; echo ended`;
      const handle = await ground.start('step', queue, [
        'box',
        {},
        command,
        { heartbeatTimeout: '3s', retry: { initialInterval: '1s' }, ...options },
      ]);
      await until('the command runs', () => read().length === 1);
      return fn({
        handle,
        knows,
        runs: () => read().length,
        pid: () => Number(read().at(-1)),
        end: () => writeFileSync(`${file}.end`, ''),
      });
    });
  }

  for (const act of ['pauseActivity', 'resetActivity'] as const) {
    void test(`${act}: a command that must not run twice goes on, and its result is told`, async () => {
      await running(`${act}-once`, {}, async ({ handle, knows, runs, end }) => {
        await operator(act, handle);
        await knows;
        end();
        const { result } = await outcomeOf(handle);
        const { stdout, attempt } = result as SshExecResult;
        assert.deepEqual([stdout, attempt, runs()], ['ended\n', 1, 1]);
      });
    });
  }

  void test('pause and unpause: an idempotent one is ended, and runs again', async () => {
    await running('paused-again', { idempotent: true }, async ({ handle, runs, pid, end }) => {
      const first = pid();
      await operator('pauseActivity', handle);
      await until('the activity is paused', async () => {
        const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
        return pending?.paused === true && pending.attempt === 2;
      });
      await until('the first run is gone', () => identify(first) === undefined);
      await operator('unpauseActivity', handle);
      await until('the second run has begun', () => runs() === 2);
      end();
      const { result } = await outcomeOf(handle);
      assert.equal((result as SshExecResult).stdout, 'ended\n');
    });
  });

  for (const act of ['pauseActivity', 'resetActivity'] as const) {
    void test(`${act}, then cancel: the command that went on is ended, and the workflow ends as cancelled`, async () => {
      await running(`${act}-cancelled`, {}, async ({ handle, knows, runs, pid }) => {
        await operator(act, handle);
        await knows;
        await handle.cancel();
        const { error } = await outcomeOf(handle);
        assert.ok(error instanceof CancelledFailure, String(error));
        assert.equal(identify(pid()), undefined, 'the command still runs');
        assert.equal(runs(), 1);
        const cancelled = (await eventsOf(handle)).filter((event) => event.activityTaskCanceledEventAttributes);
        assert.equal(cancelled.length, 1);
      });
    });
  }
});
