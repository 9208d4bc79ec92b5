import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { SshPlugin } from '../../worker';
import { until } from '../worker/processes';
import { noTemporal, outcomeOf, scheduledBy, useGround } from './ground';
import { alive, identified, ofJob, useJobHost } from './job-host';

/** Ignores TERM, as do four children: in its session, orphaned in it, in a session of its own, and orphaned in one. */
const stubborn = (file: string): string => `
trap '' TERM
echo $$ >> ${file}
sleep 300 & echo $! >> ${file}
(sleep 300 & echo $! >> ${file})
setsid sh -c 'echo $$ >> ${file}; exec sleep 300' &
sh -c 'setsid sh -c "echo \\$\\$ >> ${file}; exec sleep 300" &'
wait
`;

void describe('a cancelled job', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/jobs'));
  const host = useJobHost();

  async function requireEnded(id: string): Promise<void> {
    assert.deepEqual(ofJob(id), []);
    assert.match(host.record(id, 'cancel') ?? '', /^cancel:/);
    assert.equal(host.record(id, 'killed'), 'none');
    assert.match(host.end(id) ?? '', /^[SA]\./);
  }

  const betweenLooks = async (handle: WorkflowHandle): Promise<boolean> => {
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    return pending?.attempt === 2 && pending.lastFailure?.applicationFailureInfo?.type === 'SshJobStillRunning';
  };

  void test('between two looks of poll, where no worker is told: it is ended all the same', async () => {
    const id = 'cancelled-between-looks';
    await ground.withWorker({ plugins: [new SshPlugin({ hosts: host.hosts })] }, async (queue) => {
      const command = `echo $$ >> ${host.path(id)}; sleep 300 & echo $! >> ${host.path(id)}; wait`;
      const input = { host: 'box', id, command, follow: 'poll', pollInterval: '30m' };
      // The next look must come before the workflow's own timeout, or the server does not wait for it.
      const handle = await ground.start('sshJobRun', queue, [input], 3_600);
      await until('the job runs', () => host.lines(id).length === 2);
      await until('the first look is over', async () => betweenLooks(handle));
      const processes = identified(host.lines(id));
      await handle.cancel();
      const { error } = await outcomeOf(handle);
      assert.ok(error instanceof CancelledFailure, String(error));
      assert.deepEqual(alive(processes), []);
      await requireEnded(id);
      const names = (await scheduledBy(handle)).map(({ activityType }) => activityType?.name);
      assert.deepEqual(names, ['sshJob', 'sshJobCancel']);
    });
  });

  void test('in stream, that ignores TERM and whose children left its session: no process is left', async () => {
    const id = 'stubborn';
    const plugins = [new SshPlugin({ hosts: host.hosts })];
    await ground.withWorker({ plugins, maxHeartbeatThrottleInterval: 200 }, async (queue) => {
      const input = { host: 'box', id, command: stubborn(host.path(id)), killGrace: '1s', heartbeatTimeout: '5s' };
      const handle = await ground.start('sshJobRun', queue, [input]);
      await until('all of them run', () => host.lines(id).length === 5);
      const processes = identified(host.lines(id));
      await handle.cancel();
      const { error } = await outcomeOf(handle);
      assert.ok(error instanceof CancelledFailure, String(error));
      assert.deepEqual(alive(processes), []);
      await requireEnded(id);
    });
  });

  void test('by its scope: the workflow goes on, and the host says that nothing is left', async () => {
    const id = 'scope';
    const plugins = [new SshPlugin({ hosts: host.hosts })];
    await ground.withWorker({ plugins, maxHeartbeatThrottleInterval: 200 }, async (queue) => {
      const file = host.path(id);
      const ready = `while [ ! -s ${file} ]; do sleep 0.1; done`;
      const command = `echo $$ >> ${file}; exec sleep 300`;
      const outcome = await ground.execute('jobCancelledInScope', queue, [command, ready, { id }]);
      assert.deepEqual(outcome.result, { cancelled: true, state: 'done', survivors: [] });
    });
  });
});
