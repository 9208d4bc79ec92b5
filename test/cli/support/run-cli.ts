import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Owned } from '../../support/test-owner';

/** A running `temporal-ssh`. */
export interface RunningCli {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly stdoutBytes: () => Buffer;
  /** Resolves with the exit code, or rejects when it has not ended within 60 s after it was asked. */
  readonly exit: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the pattern has come up on either stream. */
  saw(pattern: RegExp): Promise<void>;
}

/** What {@link startCli} takes. */
export interface CliOptions extends Owned {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Another program of ours than the command. */
  readonly script?: string;
}

const LIMIT_MS = 60_000;

/** Starts `temporal-ssh` as users do, as a process. Ended with the test. */
export function startCli(args: readonly string[], { t, env = {}, cwd, stdin, script }: CliOptions = {}): RunningCli {
  const main = script ?? join(__dirname, '..', '..', '..', 'cli', 'main.js');
  const child = spawn(process.execPath, [main, ...args], {
    // Nothing of the tester's own Temporal comes in.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH, ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined).end(stdin ?? '');
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(chunks[name]).toString('utf8');
  const ended = ending(child);
  t?.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid as number,
    stdout: () => text('stdout'),
    stderr: () => text('stderr'),
    stdoutBytes: () => Buffer.concat(chunks.stdout),
    get exit() {
      return limited(ended, () => `${args.join(' ')} did not end:\n${text('stdout')}${text('stderr')}`);
    },
    signal: (name) => child.kill(name),
    saw: async (pattern) => {
      const found = (): boolean => pattern.test(text('stdout')) || pattern.test(text('stderr'));
      const more = async (): Promise<void> => {
        while (!found()) {
          const gone = await Promise.race([
            once(child.stdout, 'data').then(() => false),
            once(child.stderr, 'data').then(() => false),
            ended.then(() => true),
          ]);
          if (gone && !found()) throw new Error(`ended without ${pattern}:\n${text('stdout')}${text('stderr')}`);
        }
      };
      await limited(more(), () => `no ${pattern} in:\n${text('stdout')}${text('stderr')}`);
    },
  };
}

/** Runs it to its end. */
export async function runCli(
  args: readonly string[],
  options?: CliOptions
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string; readonly bytes: Buffer }> {
  const cli = startCli(args, options);
  const code = await cli.exit;
  return { code, stdout: cli.stdout(), stderr: cli.stderr(), bytes: cli.stdoutBytes() };
}

async function ending(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

async function limited<T>(promise: Promise<T>, message: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
