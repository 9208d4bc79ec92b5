import { join } from 'node:path';
import { fetchIntoCache } from './binary-cache';
import { runProgram } from './run-program';
import type { FetchOptions } from './sdk-download';
import { findOnPath } from './temporal-binary';
import { TEMPORAL_CLI_VERSION } from './temporal-version';

const BUILD_LIMIT_MS = 30 * 60_000;

/** The command that builds the pinned version. */
export const GO_INSTALL_COMMAND = `go install github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;

function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Builds the Temporal CLI with the Go tool and keeps it in the cache. That takes about three minutes the first time,
 * and is ended after 30.
 *
 * Rejects with the reason in the message.
 */
export async function installWithGo({ env, cacheDir, onProgress, signal }: FetchOptions): Promise<string> {
  const go = findOnPath('go', env);
  if (go === undefined) throw new Error('there is no go on PATH');
  onProgress(
    `Building the Temporal CLI ${TEMPORAL_CLI_VERSION} with ${go}: about three minutes, once; kept in ${cacheDir}`
  );
  return fetchIntoCache(cacheDir, async (directory) => {
    // Without cgo no C compiler is needed. `go install` refuses GOBIN when it compiles for another system.
    const goEnv: NodeJS.ProcessEnv = { ...env, CGO_ENABLED: '0', GOBIN: directory };
    delete goEnv.GOOS;
    delete goEnv.GOARCH;
    const result = await runProgram({
      command: go,
      args: GO_INSTALL_COMMAND.split(' ').slice(1),
      env: goEnv,
      cwd: directory,
      limitMs: BUILD_LIMIT_MS,
      onTick: (elapsedMs) => onProgress(`Building the Temporal CLI: ${elapsed(elapsedMs)} so far`),
      ...(signal && { signal }),
    });
    if (result.problem !== undefined) throw new Error(`${GO_INSTALL_COMMAND} ${result.problem}`);
    return join(directory, 'temporal');
  });
}
