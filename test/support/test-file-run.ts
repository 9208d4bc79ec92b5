import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { RunnerEvent } from './event-reporter';

/** What became of one test file. */
export interface TestFileResult {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** What the file printed. */
  readonly output: string;
  readonly elapsedMs: number;
}

/** What {@link runTestFile} takes. */
export interface TestFileOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Kills the file when it fires. */
  readonly signal: AbortSignal;
}

/** Tells leaf tests from what holds them, by the order of events: tests below one are reported before it. */
class Tally {
  readonly passed: string[] = [];
  readonly failed: { name: string; error: string }[] = [];
  readonly skipped: { name: string; reason: string }[] = [];
  private readonly path: string[] = [];
  private readonly executing: string[] = [];
  private tellsBeginnings = false;
  private last: string | undefined;
  private readonly below: boolean[] = [];

  take(event: RunnerEvent): void {
    const { nesting } = event;
    if (event.type === 'dequeue') {
      this.tellsBeginnings = true;
      this.executing.length = nesting;
      this.executing[nesting] = event.name;
      return;
    }
    this.path.length = nesting;
    if (event.type === 'start') {
      this.path[nesting] = event.name;
      return;
    }
    if (this.executing[nesting] === event.name) this.executing.length = nesting;
    const name = [...this.path, event.name].join(' > ');
    this.last = name;
    const holdsTests = this.below[nesting + 1] === true;
    this.below[nesting] = true;
    this.below.length = nesting + 1;
    if (event.type === 'fail') {
      if (!(holdsTests && event.below)) this.failed.push({ name, error: event.error ?? 'no reason given' });
    } else if (event.skip !== undefined) this.skipped.push({ name, reason: event.skip || 'no reason given' });
    else if (!holdsTests && !event.suite) this.passed.push(name);
  }

  /** Where the file was when it ended, as far as is known. */
  place(): string {
    if (this.executing.length > 0) return `in: ${this.executing.join(' > ')}`;
    // Early releases of Node 20 do not tell what begins.
    if (!this.tellsBeginnings) return `after: ${this.last ?? 'nothing'}`;
    return 'when no test ran; if they had all ended, something that they left open kept it running';
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
}

/** What is wrong with a file as a whole, whatever its tests say. */
function fileProblem(tally: Tally, { code, signal, timedOut }: Exit, timeoutMs: number): string | undefined {
  const { passed, failed, skipped } = tally;
  if (timedOut) return `killed after ${timeoutMs / 1000} s, ${tally.place()}`;
  if (signal !== null) return `ended by ${signal}, ${tally.place()}`;
  if (code !== 0 && failed.length === 0) return `ended with exit code ${code}, though no test failed`;
  if (passed.length + failed.length + skipped.length === 0) return 'has no tests';
  return undefined;
}

/**
 * Runs one compiled test file in a process of its own.
 *
 * By `spawn` and a reporter rather than `run()` of `node:test`: that one tells neither a crash after the last test
 * nor the exit status, and prints nothing of a file that hangs.
 */
export async function runTestFile(file: string, { env, timeoutMs, signal }: TestFileOptions): Promise<TestFileResult> {
  const begin = performance.now();
  const reporter = join(__dirname, 'event-reporter.js');
  // Its own process group, to kill it with all that it has started.
  const child = spawn(process.execPath, ['--test-reporter', reporter, '--test-reporter-destination', 'stdout', file], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    // Set by a runner of Node's around us, it would take the place of our reporter.
    env: { ...env, NODE_TEST_CONTEXT: undefined },
  });
  const killGroup = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup();
  }, timeoutMs);
  signal.addEventListener('abort', killGroup);

  const tally = new Tally();
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) =>
    tally.take(JSON.parse(line) as RunnerEvent)
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exit = await new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    // What it has left running could hold its output open for ever.
    child.once('exit', killGroup);
    child.once('close', (code, endSignal) => resolve({ code, signal: endSignal, timedOut }));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', killGroup);
  const problem = fileProblem(tally, exit, timeoutMs);
  if (problem !== undefined) tally.failed.push({ name: 'the file', error: problem });
  const { passed, failed, skipped } = tally;
  return { passed, failed, skipped, output, elapsedMs: performance.now() - begin };
}
