import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, requireProgram } from '../../../support/find-program';
import { privateFilesSkipReason } from '../../../support/private-files';
import { makeScratch } from '../../../support/scratch';
import type { Owned } from '../../../support/test-owner';

/** What `/bin/sh` is on a host. */
export const SHELLS = ['dash', 'bash', 'busybox', 'mksh'] as const;
export type Shell = (typeof SHELLS)[number];

/** A program that becomes its arguments, run on a host whose `/bin/sh` is another one. */
export interface SetUp {
  readonly shell: Shell;
  readonly command: string;
  /** What its programs are found by. With BusyBox, its applets only. */
  readonly path: string;
  /** An empty directory, for an account whose logins are to cost nothing. */
  readonly home: string;
}

/** Why there can be no such host here, for `skip`; false where there can. */
export function setUpSkipReason(shell: Shell): string | false {
  if (findProgram(shell) === undefined) return `${shell} is not installed`;
  return privateFilesSkipReason();
}

/** Makes the program; the file that `/bin/sh` is has another content for what it runs, and for nobody else. */
export function makeSetUp({ t, shell }: Required<Owned> & { readonly shell: Shell }): SetUp {
  const { path: directory } = makeScratch({ t });
  chmodSync(directory, 0o755);
  const file = requireProgram(shell);
  const home = join(directory, 'home');
  mkdirSync(home);
  let path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  if (shell === 'busybox') {
    path = join(directory, 'applets');
    mkdirSync(path);
    const { status } = spawnSync(file, ['--install', '-s', path]);
    if (status !== 0) throw new Error('busybox --install failed');
  }
  const command = join(directory, 'command');
  const target = realpathSync('/bin/sh');
  // In front of any mount, the system's own shell reads this.
  const inside = `mount --bind ${file} ${target} && PATH=\${SET_UP_PATH-${path}} && export PATH && exec "$@"`;
  writeFileSync(command, `#!/bin/bash\nexec ${requireProgram('unshare')} -m /bin/bash -c '${inside}' bash "$@"\n`);
  chmodSync(command, 0o755);
  return { shell, command, path, home };
}
