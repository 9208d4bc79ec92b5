import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultHost } from '../../support/fault-host';
import { expectError, expectFields } from '../row';
import type { FaultRow } from '../row';

const FILES = ['run', 'script', 'environment', 'out', 'err', 'x.pre'];

/** Attempts of starts that were killed before the claim: one whole, one half written, one with nothing in it. */
function leaveAttempts(host: FaultHost, id: string): void {
  mkdirSync(host.path(id), { recursive: true, mode: 0o700 });
  [FILES.length, 1, 0].forEach((files, index) => {
    const attempt = host.path(id, `a${String(index).repeat(32)}-1`);
    mkdirSync(attempt, { mode: 0o700 });
    for (const file of FILES.slice(0, files)) writeFileSync(join(attempt, file), '', { mode: 0o600 });
  });
}

function runsOf(host: FaultHost, id: string): number {
  const file = join(host.scratch, id);
  return existsSync(file) ? readFileSync(file, 'utf8').length / 2 : 0;
}

function isBuried(host: FaultHost, id: string): boolean {
  return existsSync(host.path('.tomb')) && readdirSync(host.path('.tomb')).includes(id);
}

async function startAgainstCleanup(host: FaultHost, id: string, delayMs: number): Promise<void> {
  const script = `echo x >>'${host.scratch}/${id}'`;
  const start = host.request('start', id, { script });
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const cleaned = await host.request('cleanup', id);
  if (cleaned.error !== undefined) expectError(cleaned, 'SshJobStillRunning');
  const buried = isBuried(host, id);
  const runs = runsOf(host, id);
  const { error, text } = await start;
  // The clean-up took the directory away from under it; the next start is told what became of the job.
  if (error !== undefined) assert.ok(buried, text);
  const late = await host.request('run', id, { script });
  expectFields(late, { state: buried ? 'gone' : 'done' });
  assert.equal(runsOf(host, id), buried ? runs : 1, late.text);
  assert.ok(runs <= 1, late.text);
}

/** Starts that were cut off, and starts that meet a clean-up. */
export const ATTEMPTS: readonly FaultRow[] = [
  {
    name: 'start against clean-up: never two runs, and none after a tombstone, at random',
    run: async (host: FaultHost): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        const lanes = [0, 1, 2, 3].map((lane) =>
          startAgainstCleanup(host, `j-${round}-${lane}`, lane === 0 ? 0 : (round * lane * 7) % 90)
        );
        await Promise.all(lanes);
      }
    },
  },
  {
    name: 'attempts that were cut off before the claim: a later start runs once',
    run: async (host: FaultHost): Promise<void> => {
      leaveAttempts(host, 'j');
      expectFields(await host.request('status', 'j'), { state: 'new' });
      expectFields(await host.request('log', 'j'), { state: 'new' });
      const { listed, ended, text } = await host.request('list', '');
      assert.deepEqual([listed.map(({ id }) => id), ended], [['j'], true], text);
      const script = host.counted('exit 3');
      expectFields(await host.request('run', 'j', { script }), { state: 'done', code: '3', new: '1' });
      expectFields(await host.request('run', 'j', { script }), { state: 'done', code: '3' });
      assert.equal(host.count, 1);
      await host.request('cleanup', 'j');
      assert.equal(existsSync(host.path('j')), false);
      expectFields(await host.request('run', 'j', { script }), { state: 'gone', code: '3' });
      assert.equal(host.count, 1);
    },
  },
  {
    name: 'attempts that were cut off before the claim: cancelled or cleaned up, none runs',
    run: async (host: FaultHost): Promise<void> => {
      for (const id of ['j', 'k', 'l']) leaveAttempts(host, id);
      const script = host.counted();
      expectFields(await host.request('cancel', 'j'), { state: 'void' });
      expectFields(await host.request('run', 'j', { script }), { state: 'void' });
      assert.ok((await host.request('cleanup', 'j k')).ended);
      for (const id of ['j', 'k']) {
        assert.equal(existsSync(host.path(id)), false);
        expectFields(await host.request('run', id, { script }), { state: 'gone' });
      }
      assert.ok((await host.request('sweep', '')).ended);
      expectFields(await host.request('status', 'l'), { state: 'new' });
      assert.equal(host.count, 0);
    },
  },
];
