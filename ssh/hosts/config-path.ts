import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** An absolute path: `~` is the home directory of the worker's user, all else is relative to `baseDir`. */
export function resolveConfigPath(path: string, baseDir: string): string {
  if (path === '~') return homedir();
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(baseDir, path);
}
