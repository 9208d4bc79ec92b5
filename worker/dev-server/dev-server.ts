import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataLock } from './data-lock';
import { DevServerError } from './dev-server-error';
import { dataDirectory } from './directories';
import { findFreePort } from './free-port';
import { OutputLines } from './output-lines';
import { serverIsReady } from './server-readiness';
import { superviseProcess } from './supervised-process';
import type { ProcessEnd, SupervisedProcess } from './supervised-process';

const START_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const OUTPUT_LINES = 20;
/** How often a port may be lost between finding it free and the server's taking it. */
const MAX_ATTEMPTS = 5;

/** What {@link startDevServer} takes. */
export interface DevServerOptions {
  /** The Temporal CLI, from `findTemporal`. */
  readonly binary: string;
  /** Where the data is kept. Made with mode 0700 when it is missing. @default dataDirectory() */
  readonly dataDir?: string;
  /** Made at start; `default` always exists too. @default 'default' */
  readonly namespace?: string;
  /** The next free port is taken when it is in use; 0 is any free one. @default 7233 */
  readonly port?: number;
  /** The next free port is taken when it is in use; 0 is any free one. @default 8233 */
  readonly uiPort?: number;
  /** Given each line that the server prints. */
  readonly onLog?: (line: string) => void;
  /** Ends the start; a server that runs already is stopped by its `stop` only. */
  readonly signal?: AbortSignal;
}

/** A Temporal dev server that answers. */
export interface DevServer {
  /** `127.0.0.1:port`, for clients and workers. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** Of the Temporal server itself. */
  readonly pid: number;
  /** Resolves when the server is gone, by itself or by {@link stop}. Never rejects. */
  readonly exited: Promise<void>;
  /** SIGTERM, SIGKILL after 10 s. Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
}

interface Attempt {
  readonly server: SupervisedProcess;
  readonly output: OutputLines;
  readonly port: number;
  readonly uiPort: number;
}

async function freePort(option: string, first: number, taken: ReadonlySet<number>): Promise<number> {
  if (!Number.isInteger(first) || first < 0 || first > 65_535) {
    throw new DevServerError(
      'DevServerInvalidOptions',
      `${option}: expected an integer from 0 to 65535, found ${first}.`
    );
  }
  const port = await findFreePort(first, taken);
  if (port !== undefined) return port;
  throw new DevServerError(
    'DevServerInvalidOptions',
    `${option}: no free port from ${first} on. Choose another one, or 0 for any.`
  );
}

/** The server needs none of our environment's settings for clients, which hold keys and tokens. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function spawnServer(options: DevServerOptions, dataDir: string, lost: ReadonlySet<number>): Promise<Attempt> {
  const port = await freePort('port', options.port ?? 7233, lost);
  const uiPort = await freePort('uiPort', options.uiPort ?? 8233, new Set([...lost, port]));
  const args = ['server', 'start-dev', '--db-filename', join(dataDir, 'temporal.db'), '--ip', '127.0.0.1'];
  args.push('--port', String(port), '--ui-port', String(uiPort), '--log-level', 'error');
  args.push('--namespace', options.namespace ?? 'default');
  const server = await superviseProcess({ command: resolve(options.binary), args, env: serverEnvironment() });
  const output = new OutputLines(OUTPUT_LINES, options.onLog);
  output.follow(server.stdout);
  output.follow(server.stderr);
  return { server, output, port, uiPort };
}

function exitedError({ output }: Attempt, binary: string, { code, signal }: ProcessEnd): DevServerError {
  const end = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const said = output.last.length === 0 ? 'It printed nothing.' : `The end of its output:\n${output.last.join('\n')}`;
  return new DevServerError('DevServerExited', `The Temporal server ${end} before it answered (${binary}). ${said}`);
}

function timeoutError({ output, port }: Attempt): DevServerError {
  const said = output.last.length === 0 ? 'It printed nothing.' : `The end of its output:\n${output.last.join('\n')}`;
  const text = `The Temporal server did not answer at 127.0.0.1:${port} within ${START_LIMIT_MS / 1000} s, and was stopped.`;
  return new DevServerError('DevServerTimeout', `${text} ${said}`);
}

/** Waits for a server to answer. On any failure it is ended first; the failure is returned, except for the caller's abort. */
async function awaitReady(attempt: Attempt, options: DevServerOptions): Promise<DevServerError | undefined> {
  const { server, port, uiPort } = attempt;
  const { signal, binary, namespace = 'default' } = options;
  const giveUp = new AbortController();
  const abort = (): void => giveUp.abort();
  const limit = setTimeout(abort, START_LIMIT_MS);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) abort();
  let early: ProcessEnd | undefined;
  void server.ended.then((end) => {
    early = end;
    abort();
  });
  try {
    await serverIsReady({ port, namespace, uiUrl: `http://127.0.0.1:${uiPort}` }, giveUp.signal);
    return undefined;
  } catch {
    const exit = early;
    await server.end(STOP_GRACE_MS);
    signal?.throwIfAborted();
    return exit === undefined ? timeoutError(attempt) : exitedError(attempt, binary, exit);
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', abort);
  }
}

async function startAttempts(options: DevServerOptions, dataDir: string, lock: DataLock): Promise<Attempt> {
  const lost = new Set<number>();
  for (let number = 1; ; number++) {
    const attempt = await spawnServer(options, dataDir, lost);
    const { server, output, port, uiPort } = attempt;
    lock.describeServer(server.pid, `127.0.0.1:${port}`);
    const failure = await awaitReady(attempt, options);
    if (failure === undefined) return attempt;
    const portWasTaken = output.last.some((line) => /address already in use/i.test(line));
    if (failure.code !== 'DevServerExited' || !portWasTaken || number === MAX_ATTEMPTS) throw failure;
    lost.add(port).add(uiPort);
  }
}

/**
 * Runs `temporal server start-dev` with its data in a directory, so that workflows are still there at the next start,
 * and resolves when the server answers, after 60 s at the latest.
 *
 * The server listens on 127.0.0.1 only, and ends when this process ends, even by SIGKILL. Signals of the terminal do
 * not reach it: end it with `stop`, after the workers.
 *
 * Rejects with {@link DevServerError}: `DevServerLocked` when another server has the data, `DevServerExited` and
 * `DevServerTimeout` with the last 20 lines of its output, `DevServerInvalidOptions`; or with the signal's reason.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { signal, namespace = 'default' } = options;
  signal?.throwIfAborted();
  const dataDir = resolve(options.dataDir ?? dataDirectory());
  if (mkdirSync(dataDir, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(dataDir, 0o700);
  const lock = await DataLock.acquire(dataDir, signal);
  let attempt;
  try {
    attempt = await startAttempts(options, dataDir, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
  const { server, port, uiPort } = attempt;
  const exited = server.ended.then(() => lock.release());
  let stopping: Promise<void> | undefined;
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    namespace,
    pid: server.pid,
    exited,
    stop: () => (stopping ??= server.end(STOP_GRACE_MS).then(() => exited)),
  };
}
