import { resolve } from 'node:path';
import { loadClientConfigProfile } from '@temporalio/envconfig';
import { cachedBinary } from './binary-cache';
import { DevServerError } from './dev-server-error';
import { cacheDirectory } from './directories';
import { GO_INSTALL_COMMAND, installWithGo } from './go-install';
import { downloadWithSdk } from './sdk-download';
import type { FetchOptions } from './sdk-download';
import { findOnPath, probeTemporal } from './temporal-binary';

/** What {@link findTemporal} takes. */
export interface FindTemporalOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Where binaries are kept. @default cacheDirectory() */
  readonly cacheDir?: string;
  /** Told, in one line each, what takes long. At least every 10 s while something is under way. */
  readonly onProgress?: (message: string) => void;
  /** Ends the search, and whatever it has started. */
  readonly signal?: AbortSignal;
}

/** Where a binary came from. */
export type TemporalBinaryOrigin = 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download' | 'go install';

/** A server to use, or a binary to run one with. */
export type TemporalSource =
  | {
      readonly kind: 'server';
      readonly address: string;
      /** The namespace that the environment or the profile names, if any. */
      readonly namespace?: string;
      /** What named the address, for messages. */
      readonly from: string;
    }
  | {
      readonly kind: 'binary';
      /** Absolute. */
      readonly path: string;
      /** The line that `--version` printed. */
      readonly version: string;
      readonly from: TemporalBinaryOrigin;
    };

function configuredServer(env: NodeJS.ProcessEnv): TemporalSource | undefined {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  let profile;
  try {
    profile = loadClientConfigProfile({ overrideEnvVars: Object.fromEntries(defined) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = 'Correct it, or unset TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE.';
    throw new DevServerError(
      'DevServerInvalidOptions',
      `Temporal's client configuration cannot be read: ${reason}. ${advice}`,
      error
    );
  }
  const { address, namespace } = profile;
  if (address === undefined || address === '') return undefined;
  const from = env.TEMPORAL_ADDRESS
    ? 'TEMPORAL_ADDRESS'
    : `profile ${env.TEMPORAL_PROFILE ?? 'default'} of temporal.toml`;
  return { kind: 'server', address, from, ...(namespace !== undefined && { namespace }) };
}

async function configuredBinary(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<TemporalSource | undefined> {
  if (!env.TEMPORAL_CLI_PATH) return undefined;
  const path = resolve(env.TEMPORAL_CLI_PATH);
  const probe = await probeTemporal(path, env, signal);
  if (probe.usable) return { kind: 'binary', path, version: probe.version, from: 'TEMPORAL_CLI_PATH' };
  throw new DevServerError(
    'DevServerInvalidOptions',
    `TEMPORAL_CLI_PATH names no usable Temporal CLI: ${probe.reason}. Correct it, or unset it to have one looked for.`
  );
}

function notFound(reasons: readonly string[]): DevServerError {
  return new DevServerError(
    'TemporalNotFound',
    [
      'There is no Temporal server to use. What was tried:',
      ...reasons.map((reason) => `  - ${reason}`),
      'What you can do:',
      '  - use a server that runs: set TEMPORAL_ADDRESS, such as 127.0.0.1:7233',
      '  - install the Temporal CLI: brew install temporal',
      '  - or download it: https://temporal.download (see https://docs.temporal.io/cli#install)',
      `  - or build it: CGO_ENABLED=0 ${GO_INSTALL_COMMAND}`,
      '  - have it elsewhere already: set TEMPORAL_CLI_PATH to the binary',
    ].join('\n')
  );
}

/**
 * Finds a Temporal server. The first of these that there is:
 *
 * 1. an address in `TEMPORAL_ADDRESS` or in the profile of `@temporalio/envconfig`: that server is used, none started;
 * 2. the binary in `TEMPORAL_CLI_PATH`; one that does not work is an error, nothing else is tried;
 * 3. `temporal` on `PATH`;
 * 4. the binary that was fetched before, `<cacheDir>/temporal-<version>/temporal`;
 * 5. the download of `@temporalio/testing`, when that is installed, for at most 60 s;
 * 6. `go install`, when there is Go.
 *
 * A binary is used when its `--version` answers within 20 s.
 *
 * Throws {@link DevServerError}: `TemporalNotFound` with the reason of every way that was tried,
 * `DevServerInvalidOptions` for what the environment names wrongly. Rejects with the signal's reason when that fires.
 */
export async function findTemporal(options: FindTemporalOptions = {}): Promise<TemporalSource> {
  const { env = process.env, signal } = options;
  const cacheDir = resolve(options.cacheDir ?? cacheDirectory(env));
  const configured = configuredServer(env) ?? (await configuredBinary(env, signal));
  if (configured !== undefined) return configured;

  const reasons = ['TEMPORAL_ADDRESS, client profile: no address', 'TEMPORAL_CLI_PATH: not set'];
  const fetchOptions: FetchOptions = {
    env,
    cacheDir,
    onProgress: options.onProgress ?? (() => undefined),
    ...(signal && { signal }),
  };
  const ways: readonly (readonly [TemporalBinaryOrigin, () => Promise<string>])[] = [
    [
      'PATH',
      async () => {
        const path = findOnPath('temporal', env);
        if (path === undefined) throw new Error('there is no temporal on it');
        return path;
      },
    ],
    ['cache', async () => cachedBinary(cacheDir)],
    ['download', () => downloadWithSdk(fetchOptions)],
    ['go install', () => installWithGo(fetchOptions)],
  ];
  for (const [from, way] of ways) {
    try {
      const path = await way();
      const probe = await probeTemporal(path, env, signal);
      if (probe.usable) return { kind: 'binary', path, version: probe.version, from };
      reasons.push(`${from}: ${probe.reason}`);
    } catch (error) {
      signal?.throwIfAborted();
      reasons.push(`${from}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw notFound(reasons);
}
