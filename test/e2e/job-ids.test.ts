import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SshJobResult } from '../../contract';
import { SshPlugin } from '../../worker';
import { until } from '../worker/processes';
import { eventsOf, noTemporal, outcomeOf, useGround } from './ground';
import { useJobHost } from './job-host';

void describe('ids of jobs, and their histories', { skip: noTemporal, timeout: 180_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/jobs'));
  const host = useJobHost();
  const plugins = (): SshPlugin[] => [new SshPlugin({ hosts: host.hosts })];
  const count = (name: string): string => `echo run >> ${host.path(name)}`;

  // Without a cache each workflow task is a replay from the beginning.
  for (const maxCachedWorkflows of [undefined, 0]) {
    const cache = maxCachedWorkflows === 0 ? 'replayed for each task' : 'cached';
    void test(`two workflows in one worker, ${cache}, count their jobs apart`, async () => {
      const name = cache.slice(0, 6);
      const options = { plugins: plugins(), ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }) };
      await ground.withWorker(options, async (queue) => {
        const handles = await Promise.all(
          [1, 2].map(async () => ground.start('jobsInTurn', queue, [[count(name), count(name)]]))
        );
        for (const handle of handles) {
          const { result, error } = await outcomeOf(handle);
          assert.equal(error, undefined);
          const prefix = handle.workflowId.slice(0, 40);
          const { runId } = (await handle.describe()) as { runId: string };
          assert.deepEqual(result, [`${prefix}.job-1.${runId}`, `${prefix}.job-2.${runId}`]);
        }
      });
      assert.equal(host.lines(name).length, 4);
    });
  }

  void test('a workflow that continues as new has another job in each run', async () => {
    const { result } = await ground.withWorker({ plugins: plugins() }, async (queue) =>
      ground.execute('jobInEachRun', queue, [count('turns'), 3])
    );
    const ids = result as readonly string[];
    assert.deepEqual([ids.length, new Set(ids).size, host.lines('turns').length], [3, 3, 3]);
    for (const id of ids) assert.match(id, /\.job-1\./);
  });

  void test('a workflow that is reset finds the job that it had', async () => {
    await ground.withWorker({ plugins: plugins() }, async (queue) => {
      const handle = await ground.start('jobsInTurn', queue, [[count('again')]]);
      const first = await outcomeOf(handle);
      const { workflowId } = handle;
      const completed = (await eventsOf(handle)).find((event) => event.workflowTaskCompletedEventAttributes);
      const { client } = ground.temporal;
      await client.connection.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId },
        reason: 'test',
        requestId: workflowId,
        workflowTaskFinishEventId: completed?.eventId ?? null,
      });
      const again = client.workflow.getHandle(workflowId);
      const second = await outcomeOf(again);
      assert.deepEqual([second.error, second.result], [undefined, first.result]);
      const { runId } = await again.describe();
      assert.ok(!(first.result as readonly string[]).some((id) => id.endsWith(runId)), 'it was not reset');
      assert.equal(host.lines('again').length, 1);
    });
  });

  void test('the id of a job with another command is SshJobConflict, and nothing runs', async () => {
    await ground.withWorker({ plugins: plugins() }, async (queue) => {
      const run = async (command: string) => ground.execute('sshJobRun', queue, [{ host: 'box', id: 'same', command }]);
      assert.equal(((await run(count('same'))).result as SshJobResult).exitCode, 0);
      const { failure } = await run(`${count('same')}; true`);
      assert.equal(failure?.type, 'SshJobConflict');
      assert.equal(failure.details?.commandMayHaveRun, false);
      const { attached } = (await run(count('same'))).result as SshJobResult;
      assert.deepEqual([attached, host.lines('same').length], [true, 1]);
    });
  });

  void test('a job that was looked at more than 20 times has the history of one that ended at once', async () => {
    await ground.withWorker({ plugins: plugins() }, async (queue) => {
      const file = host.path('looks');
      const start = async (id: string, command: string) =>
        ground.start('sshJobRun', queue, [{ host: 'box', id, command, follow: 'poll', pollInterval: '1s' }], 120);
      const short = await start('short', 'true');
      const long = await start('long', `while [ ! -e ${file} ]; do sleep 0.1; done`);
      for (const looks of [6, 12, 18, 22]) {
        await until(`${looks} looks`, async () => {
          const [pending] = (await long.describe()).raw.pendingActivities ?? [];
          return (pending?.attempt ?? 0) > looks;
        });
      }
      host.write('looks', '');
      const results = await Promise.all([outcomeOf(short), outcomeOf(long)]);
      const [, { attempt, exitCode }] = results.map(({ result }) => result) as [SshJobResult, SshJobResult];
      assert.ok(attempt > 20 && exitCode === 0, `${attempt} ${exitCode}`);
      const [one, many] = await Promise.all([eventsOf(short), eventsOf(long)]);
      assert.deepEqual(
        many.map(({ eventType }) => eventType),
        one.map(({ eventType }) => eventType)
      );
    });
  });
});
