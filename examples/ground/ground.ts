import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { SshPlugin } from 'temporal-ssh';
import { findTemporal, startDevServer } from '../../worker/dev-server';
import { createSay } from '../demo/narrator';
import type { Say } from '../demo/narrator';
import { startExampleHost } from './example-host';
import type { ExampleHost } from './example-host';

/** What an example runs on. */
export interface GroundOptions {
  /** The names of its hosts. */
  readonly hosts: readonly string[];
  /** Whether they have boots of their own; see `canReboot`. @default false */
  readonly reboots?: boolean;
  readonly workflowsPath: string;
  readonly activities?: NonNullable<WorkerOptions['activities']>;
}

/** Hosts, a Temporal server and a worker, all of them the example's own. */
export interface Ground {
  readonly say: Say;
  readonly client: Client;
  host(name: string): ExampleHost;
  readonly hosts: readonly ExampleHost[];
  /** Starts a workflow. Ctrl-C cancels it. */
  start(workflow: string, args: readonly unknown[]): Promise<WorkflowHandle>;
}

const LIMIT_MS = 300_000;

/** Runs an example, and leaves neither a process nor a file behind. */
export async function onGround(options: GroundOptions, play: (ground: Ground) => Promise<void>): Promise<void> {
  // Ctrl-C is for the workflow: the worker stays until that has undone what it did.
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const say = createSay();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Interrupted.')));
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'temporal-ssh-example-')));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const hosts: ExampleHost[] = [];
    undo.push(() => Promise.all(hosts.map((host) => host.stop())));
    for (const name of options.hosts) hosts.push(await startExampleHost(directory, name, options.reboots));
    say(`${hosts.length} hosts on loopback: ${hosts.map(({ name }) => name).join(', ')} (${hosts[0]?.kind})`);
    const { address, namespace, from } = await temporalServer(join(directory, 'temporal'), say, undo, stop.signal);
    say(`Temporal server at ${address}, ${from}`);
    const [connection, native] = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
    undo.push(() => Promise.all([connection.close(), native.close()]));
    const client = new Client({ connection, namespace });
    const taskQueue = `example-${randomUUID()}`;
    const { workflowsPath, activities } = options;
    const worker = await Worker.create({
      connection: native,
      ...{ namespace, taskQueue, workflowsPath },
      ...(activities && { activities }),
      shutdownGraceTime: '10s',
      plugins: [
        new SshPlugin({
          hosts: { hosts: Object.fromEntries(hosts.map(({ name, config }) => [name, config])) },
          // For those who watch; the defaults are for real hosts.
          pool: { coolDown: '200ms', maxCoolDown: '200ms' },
        }),
      ],
    });
    const ground: Ground = {
      say,
      client,
      hosts,
      host: (name) => hosts.find((host) => host.name === name) as ExampleHost,
      start: async (workflow, args) => {
        const workflowId = `${workflow}-${randomUUID()}`;
        const more = { args: [...args], workflowExecutionTimeout: LIMIT_MS };
        const handle = await client.workflow.start(workflow, { taskQueue, workflowId, ...more });
        const cancel = (): void => void handle.cancel().catch(() => undefined);
        if (stop.signal.aborted) cancel();
        else stop.signal.addEventListener('abort', cancel);
        return handle;
      },
    };
    await worker.runUntil(play(ground));
    stop.signal.throwIfAborted();
  } finally {
    for (const each of undo.reverse()) await each();
  }
}

async function temporalServer(
  dataDir: string,
  say: Say,
  undo: (() => Promise<unknown>)[],
  signal: AbortSignal
): Promise<{ address: string; namespace: string; from: string }> {
  const found = await findTemporal({ onProgress: say, signal });
  if (found.kind === 'server') {
    return { address: found.address, namespace: found.namespace ?? 'default', from: found.from };
  }
  const server = await startDevServer({ binary: found.path, dataDir, signal, port: 0, uiPort: 0 });
  undo.push(() => server.stop());
  return { address: server.address, namespace: server.namespace, from: `Web UI at ${server.uiUrl}` };
}

/** Runs an example as a program: exit code 0 when it ended as it should. */
export function runExample(main: () => Promise<void>): void {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    }
  );
}

/** Fails where an example has not ended as it promised. */
export function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(`This is not how the example should end: ${what}`);
}
