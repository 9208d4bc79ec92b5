import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findProgram, requireProgram } from '../../../../support/find-program';
import type { JobServer } from '../job-server';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';

const SHELLS = ['dash', 'bash', 'zsh', 'fish', 'csh', 'tcsh', 'ksh', 'mksh', 'yash', 'busybox'] as const;

/** By the path that `/etc/shells` has, or Dropbear lets nobody in. */
function listed(name: string): string | undefined {
  const known = readFileSync('/etc/shells', 'utf8').split('\n');
  return known.find((path) => basename(path).replace(/93$/, '') === name && findProgram(basename(path)) !== undefined);
}

/** Runs a job twice that is given all that quoting could spoil. */
export async function runTwice(server: JobServer): Promise<void> {
  const argument = `it's "quoted" $HOME \`id\` \\ ! {a,b} ~ * %`;
  const stdin = `one\n'two' "three"\n\\4 $5 !\n`;
  const request = server.job('printf "%s|" "$A" "$0"; cat; echo err >&2; exit 7', { env: { A: argument }, stdin });
  const first = new StreamReader();
  const report = await server.connect().run(request, first);
  const { exitCode, state, directory } = report.status;
  assert.deepEqual([report.started, state, exitCode], [true, 'done', 7]);
  const [said, script = '', ...rest] = first.stdout.split('|');
  assert.deepEqual([said, rest.join('|'), first.stderr], [argument, stdin, 'err\n']);
  assert.ok(script.startsWith(`${directory}/a`), script);

  const second = new StreamReader();
  const again = await server.connect().run(request, second);
  assert.deepEqual([again.started, again.status.exitCode], [false, 7]);
  assert.deepEqual([second.stdout, second.stderr], [first.stdout, first.stderr]);
  assert.equal(server.runs(), 1);
}

/** The login shell decides what becomes of the one command that is sent. */
export const LOGIN_SHELLS: readonly ServerRow[] = SHELLS.map((name) => {
  const found = listed(name);
  return {
    name: `login shell ${name}`,
    skip: findProgram(name) === undefined && `${name} is not installed`,
    ...(found === undefined && { without: { Dropbear: 'Dropbear lets nobody in whose shell /etc/shells lacks' } }),
    settings: {
      shell: (scratch) => {
        if (name !== 'busybox') return found ?? requireProgram(name);
        const file = join(scratch.path, 'sh');
        symlinkSync(requireProgram('busybox'), file);
        return file;
      },
    },
    run: runTwice,
  };
});
