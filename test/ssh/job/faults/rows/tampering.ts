import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  readdirSync,
} from 'node:fs';
import { eventually } from '../../support/fault-host';
import type { FaultHost } from '../../support/fault-host';
import { expectError, expectFields } from '../row';
import type { FaultRow } from '../row';

async function done(host: FaultHost): Promise<void> {
  expectFields(await host.request('run', 'j', { script: host.counted('echo out') }), { state: 'done', code: '0' });
}

/** A done job whose files are changed: it is called tampered, is not run again, and is not removed. */
function tampered(what: string, change: (host: FaultHost) => void): FaultRow {
  return {
    name: `tampering: ${what}`,
    run: async (host: FaultHost): Promise<void> => {
      await done(host);
      change(host);
      expectFields(await host.request('status', 'j'), { state: 'tampered' });
      expectFields(await host.request('run', 'j', { script: host.counted() }), { state: 'tampered' });
      expectError(await host.request('cleanup', 'j'), 'SshJobTampered');
      assert.equal(host.count, 1);
    },
  };
}

/** A directory of jobs that is not safe: nothing runs in it. */
function unsafe(what: string, make: (host: FaultHost) => void): FaultRow {
  return {
    name: `unsafe directory: ${what}`,
    run: async (host: FaultHost): Promise<void> => {
      make(host);
      for (const op of ['run', 'status', 'list', 'cancel', 'cleanup', 'sweep', 'follow', 'log']) {
        expectError(await host.request(op, 'j', { script: host.counted() }), 'SshJobUnsafeDirectory');
      }
      assert.equal(host.count, 0);
    },
  };
}

function replace(file: string, make: (file: string) => void): void {
  rmSync(file, { recursive: true });
  make(file);
}

function record(host: FaultHost, name: string): void {
  const attempt = host.attempt('j');
  const found = readdirSync(attempt).find((file) => file.startsWith('exit.')) ?? '';
  renameSync(`${attempt}/${found}`, `${attempt}/${name}`);
}

const NOBODY = 65_534;

/** What others, or somebody's mistake, may have done to the files. */
export const TAMPERING: readonly FaultRow[] = [
  tampered('the gate is a file', (host) => replace(host.path('j', 'gate'), (file) => writeFileSync(file, 'v1:run:'))),
  tampered('the gate is a directory', (host) => replace(host.path('j', 'gate'), (file) => mkdirSync(file))),
  tampered('the gate is garbage', (host) => replace(host.path('j', 'gate'), (file) => symlinkSync('garbage', file))),
  tampered('the gate leads elsewhere', (host) =>
    replace(host.path('j', 'gate'), (file) => symlinkSync(`v1:run:a/../..:1:1:b:1:1:${'d'.repeat(32)}:1`, file))
  ),
  tampered('the record is garbage', (host) => record(host, 'exit.Q.zero.now')),
  tampered('the record has no code', (host) => record(host, 'exit.E')),
  tampered('a log is a link', (host) =>
    replace(`${host.attempt('j')}/out`, (file) => symlinkSync('/etc/passwd', file))
  ),
  tampered('a log is gone', (host) => unlinkSync(`${host.attempt('j')}/err`)),
  tampered('the job is a link', (host) => {
    renameSync(host.path('j'), host.path('k'));
    symlinkSync(host.path('k'), host.path('j'));
  }),
  tampered('the job is open to others', (host) => chmodSync(host.path('j'), 0o777)),
  tampered("the job is another's", (host) => chownSync(host.path('j'), NOBODY, NOBODY)),
  {
    name: 'tampering: a log is shorter than the cursor',
    run: async (host: FaultHost): Promise<void> => {
      await done(host);
      truncateSync(`${host.attempt('j')}/out`, 1);
      expectFields(await host.request('follow', 'j', { out: 3 }), { state: 'tampered' });
    },
  },
  {
    name: 'the directory of a running job is removed',
    run: async (host: FaultHost): Promise<void> => {
      expectFields(await host.request('start', 'j', { script: host.counted('exec sleep 1') }), { state: 'running' });
      // A shell that has not read its script yet would have none.
      await eventually(() => host.count === 1, 'it did not run');
      rmSync(host.path('j'), { recursive: true });
      expectFields(await host.request('status', 'j'), { state: 'absent' });
      await host.assertQuiet();
      assert.equal(host.count, 1);
    },
  },
  unsafe('a link', (host) => {
    mkdirSync(`${host.root}-real`, { mode: 0o700 });
    symlinkSync(`${host.root}-real`, host.root);
  }),
  unsafe('a link to nowhere', (host) => symlinkSync('nowhere', host.root)),
  unsafe('world-writable', (host) => {
    mkdirSync(host.root);
    chmodSync(host.root, 0o777);
  }),
  unsafe("another user's", (host) => {
    mkdirSync(host.root, { mode: 0o700 });
    chownSync(host.root, NOBODY, NOBODY);
  }),
  unsafe('a file', (host) => writeFileSync(host.root, '')),
  {
    name: 'an id that leads elsewhere is refused',
    run: async (host: FaultHost): Promise<void> => {
      for (const id of ['../j', '..', '.', '.tomb', 'a/b', 'a\nb', '', '*', 'a;b', '$(id)']) {
        for (const op of ['run', 'status', 'cancel', 'log']) {
          expectError(await host.request(op, id, { script: host.counted() }), 'SshJobStartFailed');
        }
      }
      assert.equal(host.count, 0);
    },
  },
];
