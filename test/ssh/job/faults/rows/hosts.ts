import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readlinkSync,
  readdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/fault-host';
import type { FaultHost } from '../../support/fault-host';
import { expectError, expectFields } from '../row';
import type { FaultRow } from '../row';

const WAIT = 'while :; do sleep 1; done';

async function running(host: FaultHost): Promise<readonly string[]> {
  expectFields(await host.request('start', 'j', { script: host.counted(WAIT) }), { state: 'running' });
  return readlinkSync(host.path('j', 'gate')).split(':');
}

function claim(host: FaultHost, fields: readonly string[]): void {
  unlinkSync(host.path('j', 'gate'));
  symlinkSync(fields.join(':'), host.path('j', 'gate'));
}

type Seen = (...parts: readonly string[]) => string;

/**
 * A small file system of its own where the jobs are kept, in the mount namespace of the host; taken away after the row.
 * The work gets the paths by which it is seen from outside.
 */
async function onSmallDisk(host: FaultHost, options: string, work: (seen: Seen) => Promise<void>): Promise<void> {
  mkdirSync(host.root, { mode: 0o700 });
  const pid = String(host.transport.namespacePid);
  const { status, stderr } = spawnSync(
    'nsenter',
    ['-t', pid, '-m', 'mount', '-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', host.root],
    { encoding: 'utf8' }
  );
  assert.equal(status, 0, stderr);
  try {
    await work((...parts) => join(`/proc/${pid}/root`, host.path(...parts)));
  } finally {
    await host.endAll();
    spawnSync('nsenter', ['-t', pid, '-m', 'umount', '-l', host.root]);
  }
}

function fill(directory: string): void {
  const block = Buffer.alloc(4_096, 1);
  try {
    for (let index = 0; ; index += 1) writeFileSync(join(directory, `fill${index}`), block);
  } catch {
    // That was the last of it.
  }
}

/** What becomes of the host itself, of its disk, its processes and its clock. */
export const HOSTS: readonly FaultRow[] = [
  {
    name: 'reboot while a job runs',
    run: async (host: FaultHost): Promise<void> => {
      await running(host);
      const bootfile = join(host.scratch, 'boot');
      writeFileSync(bootfile, 'another-boot\n');
      expectFields(await host.request('status', 'j', { bootfile }), { state: 'lost-reboot', boot: 'another-boot' });
      expectFields(await host.request('run', 'j', { bootfile, script: host.counted(WAIT) }), { state: 'lost-reboot' });
      await host.endAll();
      assert.equal(host.count, 1);
    },
  },
  {
    name: 'reboot after the end was recorded, and a boot id that is expected',
    run: async (host: FaultHost): Promise<void> => {
      await host.request('run', 'j', { script: host.counted('exit 3') });
      const bootfile = join(host.scratch, 'boot');
      writeFileSync(bootfile, 'another-boot\n');
      expectFields(await host.request('run', 'j', { bootfile, script: host.counted('exit 3') }), {
        state: 'done',
        code: '3',
      });
      expectError(await host.request('run', 'k', { boot: 'the-boot-of-then' }), 'SshJobHostRebooted');
      assert.equal(existsSync(host.path('k')), false);
      assert.equal(host.count, 1);
    },
  },
  {
    name: 'the pids of a job are those of a stranger now: nobody takes it for the job, or kills it',
    run: async (host: FaultHost): Promise<void> => {
      const fields = [...(await running(host))];
      await host.endAll();
      [fields[3], fields[6]] = [String(process.pid), String(process.pid)];
      claim(host, fields);
      expectFields(await host.request('status', 'j'), { state: 'lost-supervisor' });
      expectFields(await host.request('cancel', 'j'), { left: 'none' });
    },
  },
  {
    name: 'clock and times of files jump',
    run: async (host: FaultHost): Promise<void> => {
      await running(host);
      for (const name of readdirSync(host.attempt('j'))) utimesSync(join(host.attempt('j'), name), 1, 1);
      expectFields(await host.request('status', 'j'), { state: 'running' });
      expectFields(await host.request('cancel', 'j'), { left: 'none' });
      expectFields(await host.request('status', 'j'), { state: 'done', why: 'cancel' });
    },
  },
  {
    name: 'the supervisor is killed: the job goes on, and how it ends is not known',
    run: async (host: FaultHost): Promise<void> => {
      const go = join(host.scratch, 'go');
      const script = host.counted(`until [ -e ${go} ]; do sleep 0.1; done`);
      await host.request('start', 'j', { script });
      const [, , , , , , supervisor] = readlinkSync(host.path('j', 'gate')).split(':');
      process.kill(Number(supervisor), 'SIGKILL');
      expectFields(await host.request('status', 'j'), { state: 'orphan', code: undefined });
      writeFileSync(go, '');
      const end = await host.request('run', 'j', { script });
      assert.ok(['lost-supervisor', 'orphan'].includes(end.fields['state'] ?? ''), end.text);
      assert.equal(host.count, 1);
    },
    without: { busybox: 'a shell is in between, which tells what it saw' },
  },
  {
    name: 'twenty starts at once run it once',
    run: async (host: FaultHost): Promise<void> => {
      const script = host.counted('sleep 0.2; exit 4');
      const answers = await Promise.all(Array.from({ length: 20 }, () => host.request('run', 'j', { script })));
      for (const answer of answers) expectFields(answer, { state: 'done', code: '4' });
      assert.equal(host.count, 1);
      assert.equal(new Set(answers.map(({ fields }) => fields['pid'])).size, 1);
      await eventually(
        () => readdirSync(host.path('j')).filter((name) => name.startsWith('a')).length === 1,
        'a try that lost is left'
      );
    },
  },
  {
    name: 'another job under the id is refused, also after the clean-up',
    run: async (host: FaultHost): Promise<void> => {
      await host.request('run', 'j', { script: host.counted() });
      expectError(await host.request('run', 'j', { script: 'true', digest: 'e'.repeat(32) }), 'SshJobConflict');
      await host.request('cleanup', 'j');
      expectError(await host.request('run', 'j', { script: 'true', digest: 'e'.repeat(32) }), 'SshJobConflict');
      expectFields(await host.request('run', 'j', { script: host.counted() }), { state: 'gone', code: '0' });
      assert.equal(host.count, 1);
    },
  },
  {
    name: 'a clean-up while it runs is refused; one that was cut off is finished',
    run: async (host: FaultHost): Promise<void> => {
      await running(host);
      expectError(await host.request('cleanup', 'j'), 'SshJobStillRunning');
      await host.request('cancel', 'j');
      mkdirSync(host.path('.tomb'));
      symlinkSync(`v1:S:15:1:1:${'d'.repeat(32)}:0:0:cancel`, host.path('.tomb', 'j'));
      expectFields(await host.request('run', 'j', { script: host.counted(WAIT) }), { state: 'gone' });
      await host.request('cleanup', 'j');
      assert.equal(existsSync(host.path('j')), false);
      assert.equal(host.count, 1);
    },
  },
  {
    name: 'a full disk: nothing runs, and nothing is left',
    run: (host: FaultHost): Promise<void> =>
      onSmallDisk(host, 'size=256k', async (seen) => {
        fill(seen());
        expectError(await host.request('run', 'j', { script: host.counted() }), 'SshJobNoSpace');
        assert.equal(existsSync(seen('j')), false);
        unlinkSync(seen('fill0'));
        // One page: some of the files fit.
        expectError(await host.request('run', 'j', { script: host.counted() }), 'SshJobNoSpace');
        assert.equal(host.count, 0);
        for (let index = 1; index < 30; index += 1) unlinkSync(seen(`fill${index}`));
        expectFields(await host.request('run', 'j', { script: host.counted('exit 5') }), { state: 'done', code: '5' });
      }),
  },
  {
    name: 'the disk becomes full while it runs: how it ends is on record',
    run: (host: FaultHost): Promise<void> =>
      onSmallDisk(host, 'size=512k', async () => {
        const script = host.counted('head -c 2000000 /dev/zero 2>/dev/null; exit 6');
        const answer = await host.request('run', 'j', { script });
        expectFields(answer, { state: 'done', kind: 'E', code: '6' });
      }),
  },
  {
    name: 'a read-only directory',
    run: (host: FaultHost): Promise<void> =>
      onSmallDisk(host, 'ro', async () => {
        expectError(await host.request('run', 'j', { script: host.counted() }), 'SshJobReadOnly');
        assert.equal(host.count, 0);
      }),
  },
];
