import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeScratch } from '../support/scratch';
import { startTemporal } from '../support/temporal';
import { runCli } from './support/run-cli';

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly paused: boolean;
  readonly note?: string;
  readonly next: readonly string[];
  readonly last: readonly { readonly workflowId: string; readonly status: string }[];
}

void test('schedules: create, list, pause, resume, trigger, remove; those of others are left alone', async (t) => {
  const scratch = makeScratch({ t });
  const temporal = await startTemporal({ t });
  const env = { TEMPORAL_ADDRESS: temporal.address };
  const taskQueue = temporal.taskQueue();
  const maintenance = { name: 'Patch them', hosts: ['web'], job: [{ name: 'a', exec: 'true' }] };
  const file = scratch.write('patch.json', JSON.stringify(maintenance));
  const schedule = (...args: string[]): ReturnType<typeof runCli> => runCli(['schedule', ...args], { env, t });
  const create = (...args: string[]): ReturnType<typeof runCli> =>
    schedule('create', ...args, '--task-queue', taskQueue);
  const { client } = temporal;
  // The list is made from what Temporal has indexed, a moment later.
  const listed = async (until: (schedules: readonly Listed[]) => boolean): Promise<readonly Listed[]> => {
    const limit = AbortSignal.timeout(60_000);
    for (;;) {
      const { code, stdout, stderr } = await schedule('list', '--json');
      assert.equal(code, 0, stderr);
      const schedules = JSON.parse(stdout) as readonly Listed[];
      if (until(schedules)) return schedules;
      limit.throwIfAborted();
    }
  };

  const bad = await create('patch', scratch.write('bad.yaml', 'name: x\n'), '--every', '24h');
  assert.deepEqual([bad.code, /bad\.yaml:1:1: hosts: /.test(bad.stderr)], [78, true], bad.stderr);
  for (const args of [[], ['--every', '24h', '--cron', '0 2 * * *'], ['--cron', 'sometimes']]) {
    const wrong = await create('patch', file, ...args);
    assert.deepEqual([wrong.code, /--cron '0 2 \* \* \*'/.test(wrong.stderr)], [64, true], wrong.stderr);
  }
  const cron = ['--cron', '0 2 * * *', '--time-zone', 'Europe/Berlin', '--jitter', '10m', '--catchup-window', '1h'];
  const created = await create('patch', file, ...cron, '--note', 'by night', '--env', 'A=b', '--host', 'other');
  assert.deepEqual([created.code, created.stdout], [0, 'created patch: maintenance Patch them\n'], created.stderr);
  const twice = await create('patch', file, '--every', '24h');
  assert.equal(twice.code, 64);
  assert.match(twice.stderr, /^There is a schedule patch already\. .*: temporal-ssh schedule remove patch\n$/);

  const description = await client.schedule.getHandle('patch').describe();
  assert.equal(description.action.workflowType, 'sshMaintenance');
  assert.deepEqual(description.action.args, [{ ...maintenance, hosts: ['other'], env: { A: 'b' } }, {}]);
  assert.deepEqual(description.policies, { overlap: 'SKIP', catchupWindow: 3_600_000, pauseOnFailure: false });
  assert.equal(description.spec.timezone, 'Europe/Berlin');

  await client.schedule.create({
    scheduleId: 'theirs',
    spec: { intervals: [{ every: '1h' }] },
    action: { type: 'startWorkflow', workflowType: 'other', taskQueue, args: [] },
  });
  const theirs = await schedule('remove', 'theirs');
  assert.deepEqual([theirs.code, theirs.stderr], [64, 'The schedule theirs starts other: it is left alone.\n']);
  const none = await schedule('pause', 'none');
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^There is no schedule none in the namespace default\. .*: temporal-ssh schedule list\n$/);

  assert.equal((await schedule('trigger', 'patch')).stdout, 'triggered patch\n');
  const [first, ...others] = await listed(([one]) => (one?.last.length ?? 0) > 0);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [first?.id, first?.kind, first?.name, first?.note, first?.paused],
    ['patch', 'maintenance', 'Patch them', 'by night', false]
  );
  assert.equal(first?.next.length, 3);
  assert.match(first?.last[0]?.workflowId ?? '', /^ssh-maintenance-patch-them-\d{4}-/);
  assert.equal(first?.last[0]?.status, 'running');

  assert.equal((await schedule('pause', 'patch', '--note', 'frozen')).code, 0);
  const [paused] = await listed(([one]) => one?.paused === true);
  assert.deepEqual([paused?.note, paused?.next], ['frozen', []]);
  assert.equal((await schedule('resume', 'patch')).code, 0);
  assert.equal((await client.schedule.getHandle('patch').describe()).state.paused, false);
  assert.deepEqual((await schedule('remove', 'patch', '--json')).stdout, '{"id":"patch","done":"removed"}\n');
  await listed((schedules) => schedules.length === 0);
});
