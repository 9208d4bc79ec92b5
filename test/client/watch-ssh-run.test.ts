import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkflowNotFoundError } from '@temporalio/client';
import { resumeSshRun, sshProgress, startSshRunbook, watchSshRun } from '../../client';
import type { SshProgress, SshRunbook } from '../../contract';
import { noTemporal, useGround } from '../e2e/ground';

const runbook = (name: string): SshRunbook => ({ name, hosts: ['web'], steps: [{ name: 'a', exec: 'true' }] });
const asked = { by: 'ann', reason: 'go' };

void describe('watchSshRun', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/runs'));

  void test('goes on through a continue-as-new, from while no worker is there to the end', async (t) => {
    const { client } = ground.temporal;
    const calls = t.mock.method(client, 'withAbortSignal').mock;
    const taskQueue = ground.temporal.taskQueue();
    const handle = await startSshRunbook(client, runbook('My Long One!'), { taskQueue });
    assert.match(handle.workflowId, /^ssh-runbook-my-long-one-[-0-9a-f]{36}$/);
    const { memo } = await handle.describe();
    assert.deepEqual(memo, { kind: 'runbook', name: 'My Long One!' });

    const seen: string[] = [];
    const resumes: Promise<SshProgress>[] = [];
    let away = 0;
    let onceAway: () => void = () => undefined;
    const isAway = new Promise<void>((resolve) => (onceAway = resolve));
    const watching = watchSshRun(client, handle.workflowId, {
      intervalMs: 20,
      onAway: () => {
        away += 1;
        onceAway();
      },
      onProgress: (progress) => {
        seen.push(`${progress.steps[0]?.name} ${progress.state}`);
        if (progress.state === 'running')
          resumes.push(resumeSshRun(client.workflow.getHandle(handle.workflowId), asked));
      },
    });
    await isAway;
    const outcome = await ground.withWorker({ taskQueue }, () => watching);
    assert.equal(outcome.end, 'succeeded');
    assert.equal(outcome.progress?.state, 'succeeded');
    assert.deepEqual(seen, ['round 1 running', 'round 2 running', 'round 2 succeeded']);
    assert.equal(away, 1);
    await Promise.all(resumes);
    const signals = calls.calls.map((call) => call.arguments[0]);
    assert.equal(new Set(signals).size, signals.length, 'the SDK leaves a listener on a signal for each call');
  });

  void test('each end is told apart, with the report and what is left to undo', async () => {
    const { client } = ground.temporal;
    await ground.withWorker({}, async (taskQueue) => {
      for (const end of ['undone', 'not-undone', 'failed', 'aborted', 'invalid']) {
        const { workflowId } = await startSshRunbook(client, runbook(end), { taskQueue });
        const outcome = await watchSshRun(client, workflowId, { intervalMs: 20 });
        assert.equal(outcome.end, end);
        assert.equal(outcome.progress?.name, end);
        assert.equal(outcome.compensation?.notUndone.length, { undone: 0, 'not-undone': 1, aborted: 0 }[end]);
      }
      const terminated = await startSshRunbook(client, runbook('t'), { taskQueue });
      assert.equal((await sshProgress(terminated)).name, 't');
      await terminated.terminate();
      assert.equal((await watchSshRun(client, terminated.workflowId)).end, 'terminated');
    });
  });

  void test('ends with the reason of its signal; a workflow that is not there is told', async () => {
    const { client } = ground.temporal;
    await assert.rejects(watchSshRun(client, 'none'), WorkflowNotFoundError);
    const taskQueue = ground.temporal.taskQueue();
    const handle = await startSshRunbook(client, runbook('left'), { taskQueue });
    const over = new AbortController();
    const watching = watchSshRun(client, handle.workflowId, { signal: over.signal });
    const reason = new Error('enough');
    over.abort(reason);
    await assert.rejects(watching, reason);
    await handle.terminate();
  });
});
