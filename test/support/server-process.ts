import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { MARKER_VARIABLE, descendantsOf, endServer, identify, signalProcess } from './processes';
import type { ProcessIdentity } from './processes';
import { entrust } from './reaper';

/** What a server to start is. */
export interface ServerProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Appears in the log once connections are accepted. */
  readonly ready: RegExp;
  /** How long that may take. @default 10000 */
  readonly readyWithinMs?: number;
  /** Marks the processes of its sessions as well. Whoever starts a server again keeps the marker. */
  readonly marker?: string;
}

/** How much of a server ends. */
export interface StopOptions {
  readonly sessions?: 'end' | 'keep';
}

/** A real server that runs as a child process. */
export interface ServerProcess {
  readonly pid: number;
  /** All that it has logged so far. */
  log(): string;
  /** Resolves with the match once the log, from a position on, matches; fails after `withinMs`. @default 10000 */
  waitForLog(
    pattern: RegExp,
    options?: { readonly from?: number; readonly withinMs?: number }
  ): Promise<RegExpExecArray>;
  /** Stops the server, its sessions and their commands where they are, as a frozen host would. */
  pause(): void;
  resume(): void;
  /**
   * Kills the server and all that its sessions have started, however detached. With `sessions: 'keep'` the connections
   * end, but commands go on, as they do when `sshd` is killed. @default 'end'
   */
  stop(options?: StopOptions): Promise<void>;
}

/** A marker that no other server has. */
export function newMarker(): string {
  return randomUUID();
}

/** Starts a server and waits until it accepts connections. Fails with its log when it ends before. */
export async function startServerProcess(program: ServerProgram): Promise<ServerProcess> {
  const { marker = newMarker() } = program;
  const child = spawn(program.file, program.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...program.env, [MARKER_VARIABLE]: marker },
    ...(program.cwd !== undefined && { cwd: program.cwd }),
  });
  let log = '';
  let ended = false;
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      log += `${error.message}\n`;
      resolve();
    });
    child.once('exit', (code, signal) => {
      log += `[ended: ${signal ?? `exit code ${code}`}]\n`;
      resolve();
    });
  });
  void exited.then(() => {
    ended = true;
    changed();
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      changed();
    });
  }

  const waitForLog: ServerProcess['waitForLog'] = async (pattern, { from = 0, withinMs = 10_000 } = {}) =>
    new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        act();
      };
      const fail = (what: string): void => reject(new Error(`${program.file}: ${what} ${pattern}; its log:\n${log}`));
      const look = (): void => {
        const match = pattern.exec(log.slice(from));
        if (match !== null) done(() => resolve(match));
        else if (ended) done(() => fail('ended before it logged'));
      };
      const timer = setTimeout(() => done(() => fail(`within ${withinMs} ms did not log`)), withinMs);
      listeners.add(look);
      look();
    });

  if (child.pid === undefined) await once(child, 'error').catch(() => undefined);
  const server: ProcessIdentity | undefined = child.pid === undefined ? undefined : identify(child.pid);
  const release = server === undefined ? undefined : entrust({ server, marker });
  const stop: ServerProcess['stop'] = async ({ sessions = 'end' } = {}) => {
    if (server === undefined) return;
    await endServer(server, sessions === 'end' ? { sessions, marker } : { sessions });
    if (sessions === 'end') release?.();
  };
  try {
    const { readyWithinMs: withinMs } = program;
    await waitForLog(program.ready, withinMs === undefined ? {} : { withinMs });
  } catch (error) {
    await stop();
    throw error;
  }
  // A server that a test forgot must not keep its file running; the reaper ends it.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();

  const signalAll = (signal: NodeJS.Signals): void => {
    if (server === undefined) return;
    for (const target of [server, ...descendantsOf(server.pid)]) signalProcess(target, signal);
  };
  return {
    pid: child.pid ?? 0,
    log: () => log,
    waitForLog,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    stop,
  };
}
