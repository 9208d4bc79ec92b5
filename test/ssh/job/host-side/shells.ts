import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../../support/find-program';
import type { Scratch } from '../../../support/scratch';

/** A shell that is `/bin/sh` for all that runs in it. */
export interface HostShell {
  readonly name: string;
  /** Why it cannot be had here, for `skip`. */
  readonly skip: string | false;
  /** What goes before a command line, and the PATH for it. */
  prepare(scratch: Scratch): { readonly prefix: readonly string[]; readonly path: string };
}

function namespaceSkip(): string | false {
  if (process.getuid?.() !== 0) return 'mount namespaces need root';
  return spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0 ? false : 'no mount namespaces here';
}

const noNamespace = namespaceSkip();
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

function shell(name: string, program: string, path?: (scratch: Scratch, file: string) => string): HostShell {
  const file = findProgram(program);
  return {
    name,
    skip: file === undefined ? `${program} is not installed` : noNamespace,
    prepare: (scratch) => ({
      prefix: [
        ...['unshare', '-m', '--propagation', 'private', '/bin/sh', '-c'],
        // A copy, since a file that is bound over itself would hide nothing.
        `mount --bind "$0" ${realpathSync('/bin/sh')} && exec "$@"`,
        realpathSync(file ?? '/bin/sh'),
      ],
      path: path?.(scratch, file ?? '') ?? USUAL_PATH,
    }),
  };
}

/** A PATH with nothing but BusyBox. */
function onlyBusybox(scratch: Scratch, file: string): string {
  const directory = join(scratch.path, 'busybox');
  mkdirSync(directory, { recursive: true });
  spawnSync(file, ['--install', '-s', directory]);
  return directory;
}

/** The shells whose hosts jobs must run on. */
export const HOST_SHELLS: readonly HostShell[] = [
  shell('dash', 'dash'),
  shell('bash', 'bash'),
  shell('BusyBox', 'busybox', onlyBusybox),
  shell('mksh', 'mksh'),
];
