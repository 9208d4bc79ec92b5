import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

// The XDG specification tells to ignore relative paths.
function xdg(value: string | undefined, fallback: string): string {
  return join(value !== undefined && isAbsolute(value) ? value : fallback, 'temporal-ssh');
}

/** Where downloaded binaries are kept: `${XDG_CACHE_HOME:-~/.cache}/temporal-ssh`, on every platform. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return xdg(env.XDG_CACHE_HOME, join(homedir(), '.cache'));
}

/** Where the dev server keeps its data: `${XDG_DATA_HOME:-~/.local/share}/temporal-ssh`, on every platform. */
export function dataDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return xdg(env.XDG_DATA_HOME, join(homedir(), '.local', 'share'));
}
