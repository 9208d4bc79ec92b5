import { preflight } from './support/preflight';
import { runTests } from './support/test-run';

/*
 * npm test [-- part-of-a-path...]
 *
 * Runs the compiled test files whose path contains one of the arguments, all of them without any.
 * TEST_CONCURRENCY: files at a time (default 2). TEST_FILE_TIMEOUT: seconds that a file may take (default 600).
 */

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function setting(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name}: expected a number above 0, found ${JSON.stringify(text)}`);
  return value;
}

async function main(): Promise<boolean> {
  const concurrency = setting('TEST_CONCURRENCY', 2);
  const timeoutMs = setting('TEST_FILE_TIMEOUT', 600) * 1000;
  const env = await preflight(say);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      // Test files are in process groups of their own, which a terminal's Ctrl-C does not reach.
      stopping.abort();
      say(`stopped by ${signal}`);
      process.exit(1);
    });
  }
  const parts = process.argv.slice(2);
  return runTests({ directory: __dirname, parts, concurrency, timeoutMs, env, signal: stopping.signal, say });
}

main().then(
  (good) => {
    process.exitCode = good ? 0 : 1;
  },
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
);
