import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/fault-host';
import type { FaultHost } from '../../support/fault-host';
import { expectError, expectFields } from '../row';
import type { FaultRow } from '../row';

/** What a job is given, and what it is not. */
export const GIVEN: readonly FaultRow[] = [
  {
    name: 'a shell or a directory that is not there',
    run: async (host: FaultHost): Promise<void> => {
      expectError(await host.request('run', 'j', { shell: '/no/such', script: host.counted() }), 'SshJobStartFailed');
      expectError(await host.request('run', 'j', { cwd: '/no/such', script: host.counted() }), 'SshJobStartFailed');
      assert.equal(host.count, 0);
      expectFields(await host.request('run', 'j', { script: host.counted() }), { state: 'done', code: '0' });
    },
  },
  {
    name: 'what a job is given: environment, directory, umask, nice, input, and nothing of ours',
    run: async (host: FaultHost): Promise<void> => {
      const nice = host.setUp.shell === 'busybox' ? '' : 3;
      // The loop itself opens nothing.
      const descriptors = 'for fd in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$fd ] || echo "open: $fd"; done';
      const script = `pwd; umask | sed 's,^0*,,'; cat; echo "$GREETING"; env | grep -c tssh_; ${descriptors}; ${nice === '' ? ':' : 'nice'}`;
      const variables = { script, env: `export GREETING='it'"'"'s'`, cwd: '/tmp', umask: '027', nice };
      const answer = await host.request('run', 'j', { ...variables, stdin: 'in\n', has_stdin: 1 });
      expectFields(answer, { state: 'done' });
      const lines = answer.stdout.toString().trimEnd().split('\n');
      assert.deepEqual(lines, ['/tmp', '27', 'in', "it's", '0', ...(nice ? ['3'] : [])], answer.text);
      const open = readdirSync(host.attempt('j')).filter(
        (name) => (modeOf(join(host.attempt('j'), name)) & 0o077) !== 0
      );
      assert.deepEqual(open, []);
    },
  },
  {
    name: 'INT and QUIT are at their default: a job can trap them, and ends by them',
    run: async (host: FaultHost): Promise<void> => {
      for (const [name, code] of [
        ['INT', 2],
        ['QUIT', 3],
      ] as const) {
        // A shell cannot trap what was ignored when it started.
        const script = `trap 'echo caught; exit 7' ${name}; kill -${name} $$; exit 9`;
        const trapped = await host.request('run', `trap-${name}`, { script });
        expectFields(trapped, { state: 'done', kind: 'E', code: '7' });
        assert.equal(trapped.stdout.toString(), 'caught\n');
        await host.request('start', name, { script: 'ulimit -c 0; exec sleep 600' });
        const pid = readlinkSync(host.path(name, 'gate')).split(':')[3] ?? '';
        await eventually(() => argumentsOf(pid).includes('sleep\0'), 'the job did not come up');
        process.kill(Number(pid), `SIG${name}`);
        const { fields, text } = await host.request('run', name, { script: '' });
        const ends = [`S ${code}`, `A ${128 + code}`];
        assert.ok(ends.includes(`${fields['kind']} ${fields['code']}`), text);
      }
    },
  },
  {
    name: 'secrets are in no arguments',
    run: async (host: FaultHost): Promise<void> => {
      const canary = 'canary-5f1c';
      const go = join(host.scratch, 'go');
      const script = `# ${canary}\nuntil [ -e ${go} ]; do sleep 0.05; done`;
      const sent = host.send('run', 'j', { script, env: `export SECRET='${canary}'`, stdin: canary, has_stdin: 1 });
      const seen = (): boolean =>
        readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .some((pid) => argumentsOf(pid).includes(canary));
      await eventually(() => {
        assert.equal(seen(), false);
        return existsSync(host.path('j', 'gate')) || sent.text().includes(' state ');
      }, 'it did not start');
      assert.equal(seen(), false);
      writeFileSync(go, '');
      expectFields(await sent.answer, { state: 'done', code: '0' });
    },
  },
];

function modeOf(path: string): number {
  const { stdout } = spawnSync('stat', ['-c', '%a', path], { encoding: 'utf8' });
  return Number.parseInt(stdout, 8);
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
