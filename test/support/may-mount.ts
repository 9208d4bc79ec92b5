import { spawnSync } from 'node:child_process';

/** Whether a program can be given files of its own in the place of the system's: root, with a mount namespace. */
export function mayMount(): boolean {
  return process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0;
}
