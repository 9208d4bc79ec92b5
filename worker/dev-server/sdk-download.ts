import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchIntoCache } from './binary-cache';
import { runProgram } from './run-program';
import { TEMPORAL_CLI_VERSION } from './temporal-version';

const DOWNLOAD_LIMIT_MS = 60_000;

/** What the ways to fetch a binary share. */
export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheDir: string;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** The one big executable file that the SDK has left. */
function downloadedFile(directory: string): string | undefined {
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .filter((path) => {
      const stat = statSync(path);
      return stat.isFile() && (stat.mode & 0o111) !== 0 && !path.endsWith('.downloading');
    })
    .sort((left, right) => statSync(right).size - statSync(left).size)[0];
}

function resolveTesting(): string | undefined {
  try {
    return require.resolve('@temporalio/testing');
  } catch {
    return undefined;
  }
}

/**
 * Has the TypeScript SDK download the Temporal CLI, for at most 60 s, and keeps it in the cache.
 *
 * Rejects with the reason in the message.
 *
 * @param testingModule the file of `@temporalio/testing`, an optional peer. @default where Node finds it
 */
export async function downloadWithSdk(options: FetchOptions, testingModule = resolveTesting()): Promise<string> {
  const { env, cacheDir, onProgress, signal } = options;
  if (testingModule === undefined) throw new Error('@temporalio/testing is not installed');
  onProgress(`Downloading the Temporal CLI ${TEMPORAL_CLI_VERSION} (once; kept in ${cacheDir})`);
  return fetchIntoCache(cacheDir, async (directory) => {
    const script = join(__dirname, 'sdk-download-script.js');
    const result = await runProgram({
      command: process.execPath,
      args: [script, pathToFileURL(testingModule).href, directory, `v${TEMPORAL_CLI_VERSION}`],
      env,
      limitMs: DOWNLOAD_LIMIT_MS,
      onTick: (elapsedMs) => onProgress(`Downloading the Temporal CLI: ${Math.round(elapsedMs / 1000)} s so far`),
      ...(signal && { signal }),
    });
    const binary = downloadedFile(directory);
    // A server that does not start is no concern here, as long as the binary came; the caller looks at it.
    if (binary === undefined) throw new Error(result.problem ?? 'left no binary');
    return binary;
  });
}
