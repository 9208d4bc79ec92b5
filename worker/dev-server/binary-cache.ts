import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TEMPORAL_CLI_VERSION } from './temporal-version';

const TEMPORARY = '.tmp-';
const DAY_MS = 24 * 60 * 60 * 1000;

/** Where the binary of the pinned version is kept: `<cacheDir>/temporal-<version>/temporal`. */
export function cachedBinary(cacheDir: string): string {
  return join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`, 'temporal');
}

/**
 * Runs `fetch` with a directory of its own in the cache and moves the binary that it returns to its place. Processes
 * that do so at once do not meet: each has its own directory, and the last rename wins.
 */
export async function fetchIntoCache(cacheDir: string, fetch: (directory: string) => Promise<string>): Promise<string> {
  mkdirSync(cacheDir, { recursive: true });
  removeAbandoned(cacheDir);
  const directory = mkdtempSync(join(cacheDir, TEMPORARY));
  try {
    const binary = await fetch(directory);
    const path = cachedBinary(cacheDir);
    chmodSync(binary, 0o755);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(binary, path);
    return path;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Crashes leave directories behind that are half a gigabyte in the worst case. */
function removeAbandoned(cacheDir: string): void {
  for (const name of readdirSync(cacheDir)) {
    const path = join(cacheDir, name);
    try {
      if (!name.startsWith(TEMPORARY) || Date.now() - statSync(path).mtimeMs < DAY_MS) continue;
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process removes it at the same time, or it is somebody else's.
    }
  }
}
