import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exited, fakeJobs } from './fake-jobs';

const LIMIT = { timeout: 20_000 };
const INPUT = { host: 'box', id: 'j', command: 'make' } as const;

void test('the janitor removes what succeeded together, and sweeps once', LIMIT, async () => {
  let swept: (() => void) | undefined;
  const sweeping = new Promise<void>((resolve) => (swept = resolve));
  const jobs = fakeJobs(
    {
      run: async ({ id }) => (id === 'bad' ? exited(1) : exited(0)),
      cleanUp: async () => undefined,
      sweep: async () => swept?.(),
    },
    { cleanupDelay: 50, retention: { failure: '2d' } }
  );
  // The timer of the janitor is no reason for a process to go on.
  const alive = setInterval(() => undefined, 1_000);
  for (const id of ['bad', 'a', 'b']) await jobs.attempt('sshJob', { ...INPUT, id }).result.catch(() => undefined);
  await jobs.attempt('sshJob', { ...INPUT, id: 'kept', cleanup: 'never' }).result;
  await sweeping;
  await jobs.made.close();
  clearInterval(alive);
  const removed = jobs.calls.filter(([operation]) => operation === 'cleanUp').flatMap(([, ids]) => ids);
  assert.deepEqual(removed.sort(), ['a', 'b']);
  const [, ages] = jobs.calls.find(([operation]) => operation === 'sweep') ?? [];
  assert.deepEqual(ages, { successMs: 86_400_000, failureMs: 172_800_000, tombstoneMs: 30 * 86_400_000 });
});

void test('closing removes what waits', LIMIT, async () => {
  const jobs = fakeJobs({ run: async () => exited(0), cleanUp: async () => undefined });
  await jobs.attempt('sshJob', INPUT).result;
  await jobs.made.close();
  assert.deepEqual(jobs.calls.at(-1)?.slice(0, 2), ['cleanUp', ['j']]);
});
