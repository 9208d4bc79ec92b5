import { lstat, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import type { LocalRoot } from './check-files-options';
import { workerFailure } from './local-failure';

/** A path that a workflow asks for below a root. */
export interface AskedPath {
  readonly host: string;
  /** What it is called in messages. */
  readonly name: string;
  readonly root: LocalRoot;
  readonly path: string;
}

/**
 * The path without links, which must lie in the root; for something that is not there, that of its directory and its name.
 *
 * @throws {@link SshError} `SshTransferNotAllowed` for what leaves the root
 */
export async function pathInRoot({ host, name, root, path }: AskedPath, makeDirectories = false): Promise<string> {
  const refuse = (why: string): Error => workerFailure('SshTransferNotAllowed', host, `${name} ${why}`);
  if (path === '' || path.includes('\0') || isAbsolute(path)) throw refuse('is no path below its root');
  const normal = normalize(path);
  if (normal === '..' || normal.startsWith(`..${sep}`)) throw refuse('leaves its root');
  const asked = join(root.path, normal);
  const inRoot = (real: string): string => {
    if (real === root.path || real.startsWith(root.path === sep ? sep : root.path + sep)) return real;
    throw refuse('leaves its root by a link');
  };
  const real = await realpath(asked).catch(missing);
  if (real !== undefined) return inRoot(real);
  // A link that leads nowhere would be written through.
  if ((await lstat(asked).catch(missing))?.isSymbolicLink()) throw refuse('is a link that leads nowhere');
  let directory = await realpath(dirname(asked)).catch(missing);
  if (directory === undefined && makeDirectories) {
    await makeBelow(root.path, dirname(normal), inRoot);
    directory = await realpath(dirname(asked));
  }
  return directory === undefined ? asked : join(inRoot(directory), basename(asked));
}

/** Makes directories one by one, so that none is made through a link that leads out. */
async function makeBelow(root: string, path: string, inRoot: (real: string) => string): Promise<void> {
  let at = root;
  for (const name of path.split(sep)) {
    at = join(at, name);
    await mkdir(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    at = inRoot(await realpath(at));
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
