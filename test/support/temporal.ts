import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from './find-program';
import { freePort } from './free-port';
import { makeScratch } from './scratch';
import { startServerProcess } from './server-process';
import type { ServerProcess } from './server-process';
import type { Owned } from './test-owner';

/** What {@link startTemporal} takes. */
export interface TemporalOptions extends Owned {
  /** Keeps the state in a file, so that it survives `restart`. @default false */
  readonly durable?: boolean;
  /** More arguments of `temporal server start-dev`. */
  readonly args?: readonly string[];
}

/** A Temporal dev server of one test file. */
export interface RealTemporal {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: 'default';
  /** The server's process. Another one after `restart`. */
  readonly pid: number;
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
  /** A task queue that no other test uses. */
  taskQueue(name?: string): string;
  log(): string;
  /** Stops the server where it is (SIGSTOP), and lets it go on. */
  pause(): void;
  resume(): void;
  /** Kills the server and starts it again on the same port. Only with `durable` does it still know its workflows. */
  restart(): Promise<void>;
  /** Closes both connections, ends the server and removes its files. */
  stop(): Promise<void>;
}

/** The Temporal CLI that the test run uses: `TEMPORAL_CLI_PATH`, which the runner sets, or the one on `PATH`. */
export function temporalBinary(): string {
  const file = process.env.TEMPORAL_CLI_PATH ?? findProgram('temporal');
  if (file === undefined) throw new Error('no Temporal CLI: set TEMPORAL_CLI_PATH, or start the tests with npm test');
  return file;
}

async function connected(address: string, server: ServerProcess): Promise<Connection> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    let connection: Connection | undefined;
    try {
      connection = await Connection.connect({ address, connectTimeout: 2_000 });
      // The frontend answers a moment before the namespace is known to it.
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return connection;
    } catch (error) {
      await connection?.close();
      if (Date.now() > deadline)
        throw new Error(`no Temporal server at ${address}:\n${server.log()}`, { cause: error });
      await delay(50);
    }
  }
}

/** Starts a Temporal dev server on a free loopback port, in memory unless told, and connects to it. */
export async function startTemporal({ t, durable = false, args = [] }: TemporalOptions = {}): Promise<RealTemporal> {
  const scratch = makeScratch();
  let port = 0;
  const start = async (): Promise<ServerProcess> =>
    startServerProcess({
      file: temporalBinary(),
      args: [
        ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
        ...(durable ? ['--db-filename', join(scratch.path, 'temporal.db')] : []),
        ...args,
      ],
      // Its own home, so that no configuration or log of the user's comes in or is written.
      env: { HOME: scratch.path },
      // With a large database, on a busy machine.
      readyWithinMs: 60_000,
      ready: /^Server:\s+\S+:\d+/m,
    });
  let server: ServerProcess | undefined;
  try {
    for (let attempt = 1; server === undefined; attempt += 1) {
      port = await freePort();
      try {
        server = await start();
      } catch (error) {
        if (attempt === 5 || !/address already in use|can't set .*port/i.test(String(error))) throw error;
      }
    }
    let current = server;
    const address = `127.0.0.1:${port}`;
    const connection = await connected(address, current);
    const nativeConnection = await NativeConnection.connect({ address });
    let stopped = false;
    const temporal: RealTemporal = {
      address,
      namespace: 'default',
      get pid() {
        return current.pid;
      },
      client: new Client({ connection }),
      nativeConnection,
      taskQueue: (name = 'test') => `${name}-${randomUUID()}`,
      log: () => current.log(),
      pause: () => current.pause(),
      resume: () => current.resume(),
      restart: async () => {
        await current.stop();
        current = await start();
        const probe = await connected(address, current);
        await probe.close();
      },
      stop: async () => {
        if (stopped) return;
        stopped = true;
        await Promise.allSettled([connection.close(), nativeConnection.close()]);
        await current.stop();
        scratch.remove();
      },
    };
    t?.after(() => temporal.stop());
    return temporal;
  } catch (error) {
    await server?.stop();
    scratch.remove();
    throw error;
  }
}
