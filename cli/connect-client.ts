import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';

const CONNECT_TIMEOUT = '10s';

/** Where Temporal is, by its own environment variables and configuration file, as for the `temporal` command. */
export function connectConfig(): ClientConnectConfig {
  try {
    return loadClientConnectConfig();
  } catch (cause) {
    throw new CliError(`Temporal's configuration cannot be read: ${(cause as Error).message}`, EXIT.config, { cause });
  }
}

/** The error for a server that does not answer. */
export function unreachable(address: string | undefined, cause: unknown): CliError {
  return new CliError(
    `No Temporal server answers at ${address ?? 'localhost:7233'} (${(cause as Error).message}). ` +
      'Start one with `temporal-ssh dev`, or set TEMPORAL_ADDRESS.',
    EXIT.unavailable,
    { cause }
  );
}

/** A client for the configured server. */
export async function connectClient(): Promise<{ readonly client: Client; close(): Promise<void> }> {
  const { connectionOptions, namespace } = connectConfig();
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_TIMEOUT });
    const client = new Client({ connection, ...(namespace !== undefined && { namespace }) });
    return { client, close: () => connection.close() };
  } catch (cause) {
    throw unreachable(connectionOptions.address, cause);
  }
}
