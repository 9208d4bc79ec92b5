import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../../../support/find-program';
import type { FaultHost } from '../../support/fault-host';
import { expectFields } from '../row';
import type { FaultRow } from '../row';

const CODES = [0, 1, 2, 126, 127, 128, 129, 143, 192, 255];
const SIGNALS = [1, 2, 9, 11, 13, 15];

/** All programs of the host but every awk, and the one given in the place of `awk`. */
function pathWithAwk(host: FaultHost, awk: string | undefined): string {
  const names = 'mkdir readlink dd ls mv ln rm rmdir date setsid sleep cat grep tail sh kill sha256sum tr';
  const directory = join(host.scratch, 'programs');
  mkdirSync(directory);
  for (const name of names.split(' ')) {
    const file = host.setUp.shell === 'busybox' ? join(host.setUp.path, name) : findProgram(name);
    if (file !== undefined) symlinkSync(file, join(directory, name));
  }
  if (awk !== undefined) symlinkSync(awk, join(directory, 'awk'));
  return directory;
}

/** Older ones forget which signal ended what they ran. */
function knowsSignals(awk: string): boolean {
  return spawnSync(awk, ['BEGIN { exit system("kill -9 $$") == 0 }'], { argv0: 'awk' }).status === 0;
}

async function tellsApart(host: FaultHost, awk: string | undefined): Promise<void> {
  const env = { SET_UP_PATH: pathWithAwk(host, awk) };
  // BusyBox takes its own awk, whatever is in PATH, and then its own time.
  const tells = host.setUp.shell === 'busybox' || (awk !== undefined && knowsSignals(awk));
  const one = async (script: string, kind: string, code: number): Promise<void> => {
    const id = script.replace(/\W+/g, '-').replace(/^-/, '');
    // Not every shell ends itself by what it sends to itself.
    const answer = await host.request('run', id, { script, shell: '/bin/bash' }, { env });
    expectFields(answer, { state: 'done', kind, code: String(code) });
  };
  for (const code of CODES) await one(`exit ${code}`, !tells && code > 128 ? 'A' : 'E', code);
  for (const signal of SIGNALS) {
    if (!tells) await one(`kill -${signal} $$`, 'A', 128 + signal);
    else await one(`ulimit -c 0; kill -${signal} $$`, 'S', signal);
  }
}

const AWKS = { gawk: 'gawk', mawk: 'mawk', 'original-awk': 'original-awk', 'busybox awk': 'busybox' };

/** Exit codes and signals are told apart, and what cannot be told is called so. */
export const ENDS: readonly FaultRow[] = [
  ...Object.entries(AWKS).map(([name, program]) => ({
    name: `exit codes and signals are told apart by ${name}`,
    run: async (host: FaultHost): Promise<void> => tellsApart(host, findProgram(program)),
  })),
  {
    name: 'exit codes that may be signals are called so without any awk',
    run: async (host: FaultHost): Promise<void> => tellsApart(host, undefined),
  },
  {
    name: 'output of a job that fails is whole',
    run: async (host: FaultHost): Promise<void> => {
      const answer = await host.request('run', 'j', { script: 'echo out; echo err >&2; printf end; exit 3' });
      expectFields(answer, { state: 'done', kind: 'E', code: '3', out: '7', err: '4' });
      assert.deepEqual([answer.stdout.toString(), answer.stderr.toString()], ['out\nend', 'err\n']);
    },
  },
];
