import { spawnSync } from 'node:child_process';
import { requireProgram } from './find-program';
import type { Scratch } from './scratch';

let possible: boolean | undefined;

/** Why no program can be given files of its own in the place of the system's here, for `skip`; false where it can. */
export function privateFilesSkipReason(): string | false {
  possible ??= process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0;
  return possible ? false : 'only root, where it may mount, can give a server other files than the system has';
}

/**
 * The command line that runs a program in a mount namespace of its own, in which files of the system, by their paths, have
 * another content. The real files are neither written nor hidden from anybody else.
 */
export function withPrivateFiles(
  scratch: Scratch,
  files: Readonly<Record<string, string>>,
  command: readonly string[]
): readonly string[] {
  const mounts = Object.entries(files).map(([path, content], index) => [
    scratch.write(`system-${index}`, content, path === '/etc/shadow' ? 0o600 : 0o644),
    path,
  ]);
  if (mounts.length === 0) return command;
  const script = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit; shift 2; done; shift; exec "$@"';
  return [requireProgram('unshare'), '-m', 'sh', '-c', script, 'sh', ...mounts.flat(), '--', ...command];
}
