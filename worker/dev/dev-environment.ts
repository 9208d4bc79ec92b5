import { dataDirectory, findTemporal, startDevServer } from '../dev-server';
import type { DevServer } from '../dev-server';
import { startEmbeddedHost } from '../embedded-host';
import type { EmbeddedHost } from '../embedded-host';
import { embeddedDirectory } from './embedded-directory';

/** What {@link startDevEnvironment} takes. */
export interface DevEnvironmentOptions {
  /** Where everything is kept. @default `$XDG_DATA_HOME/temporal-ssh` or `~/.local/share/temporal-ssh` */
  readonly dataDir?: string;
  /** Port of the Temporal server that is started; the next free one is taken when it is in use. @default 7233 */
  readonly port?: number;
  /** Port of its Web UI, likewise. @default 8233 */
  readonly uiPort?: number;
  /** Told, in a line each, what takes long. */
  readonly onProgress?: (message: string) => void;
  /** Ends the start. */
  readonly signal?: AbortSignal;
}

/** A Temporal server and an SSH host to try things on. */
export interface DevEnvironment {
  readonly address: string;
  readonly namespace: string;
  /** Of the Web UI; unknown for a server that was there already. */
  readonly uiUrl: string | undefined;
  /** The server was started here, and is stopped by {@link close}. */
  readonly ownServer: boolean;
  /** Which server or binary is used, and what named it. */
  readonly source: string;
  /** Resolves when a server that was started here is gone; never for another. */
  readonly serverExited: Promise<void>;
  readonly host: EmbeddedHost;
  /** Ends the host, then the server. Resolves when no process of theirs is left. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts what `temporal-ssh dev` runs beside its worker: the embedded SSH host `local`, and a Temporal dev server, unless
 * `TEMPORAL_ADDRESS` or a configuration profile names one.
 *
 * @throws {@link DevServerError} when no server can be found or started; nothing is left running then.
 */
export async function startDevEnvironment(options: DevEnvironmentOptions = {}): Promise<DevEnvironment> {
  const { dataDir = dataDirectory(), onProgress, signal } = options;
  const found = await findTemporal({ ...(onProgress && { onProgress }), ...(signal && { signal }) });
  const server =
    found.kind === 'binary'
      ? await startDevServer({
          binary: found.path,
          dataDir,
          ...(options.port !== undefined && { port: options.port }),
          ...(options.uiPort !== undefined && { uiPort: options.uiPort }),
          ...(signal && { signal }),
        })
      : undefined;
  const host = await startEmbeddedHost({ directory: embeddedDirectory(dataDir) }).catch(async (error: unknown) => {
    await server?.stop();
    throw error;
  });
  return {
    address: server?.address ?? (found.kind === 'server' ? found.address : ''),
    namespace: server?.namespace ?? (found.kind === 'server' ? found.namespace : undefined) ?? 'default',
    uiUrl: server?.uiUrl,
    ownServer: server !== undefined,
    source: found.kind === 'server' ? found.from : `${found.version} (${found.from})`,
    serverExited: server?.exited ?? new Promise(() => undefined),
    host,
    close: () => closeBoth(host, server),
  };
}

async function closeBoth(host: EmbeddedHost, server: DevServer | undefined): Promise<void> {
  try {
    await host.close();
  } finally {
    await server?.stop();
  }
}
