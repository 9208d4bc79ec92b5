import { createHostDirectory } from '../ssh/hosts';
import { createSshExec } from './ssh-exec';
import type { SshExec } from './ssh-exec';
import { drainMs } from './ssh-options';
import type { SshOptions } from './ssh-options';

/** The activities by their names, as a worker registers them. */
export interface SshActivities {
  readonly sshExec: SshExec;
}

/**
 * Makes the activities as a plain object, for `Worker.create({ activities })` without the plugin, or for Temporal's
 * `MockActivityEnvironment`. Credentials stay in its closure: no payload ever holds one.
 *
 * @throws {@link SshError} `SshConfigInvalid` or `SshConfigUnsupported` with everything that is wrong, if the hosts are a
 * file or an object.
 */
export function createSshActivities(options: SshOptions): SshActivities {
  const { resolve } = createHostDirectory(options.hosts);
  return { sshExec: createSshExec({ resolve, drainMs: drainMs(options) }) };
}
