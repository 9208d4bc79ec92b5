import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runTestFile } from './test-file-run';
import type { TestFileResult } from './test-file-run';

/** What {@link runTests} takes. */
export interface TestRunOptions {
  /** Holds the compiled test files, at any depth. */
  readonly directory: string;
  /** Files whose path (`test/...`) contains one of these run; all without any. */
  readonly parts: readonly string[];
  /** Files at a time. */
  readonly concurrency: number;
  /** What one file may take. */
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
  /** Kills what runs when it fires. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

type Report = (line: string) => void;

function indented(text: string): string {
  return text.trimEnd().replace(/^/gm, '      ');
}

function testFiles({ directory, parts }: TestRunOptions): readonly string[] {
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.js')
  );
  const files = found
    .filter((file) => parts.length === 0 || parts.some((part) => `test/${file}`.includes(part)))
    .sort();
  if (files.length === 0) throw new Error(`No test file matches: ${parts.join(', ') || 'there are none'}`);
  return files.map((file) => join(directory, file));
}

function report(say: Report, name: string, { passed, failed, skipped, output, elapsedMs }: TestFileResult): void {
  const counts = [`${passed.length} passed`, ...(failed.length > 0 ? [`${failed.length} failed`] : [])];
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
  say(`${failed.length > 0 ? '✖' : '✔'} ${name} (${counts.join(', ')}, ${(elapsedMs / 1000).toFixed(1)} s)`);
  for (const test of skipped) say(`    - ${test.name}: skipped, ${test.reason}`);
  for (const test of failed) say(`    ✖ ${test.name}\n${indented(test.error)}`);
  if (failed.length > 0 && output.trim() !== '') say(`    what it printed:\n${indented(output)}`);
}

function summarize(say: Report, results: readonly TestFileResult[]): boolean {
  const reasons = results.flatMap(({ skipped }) => skipped.map(({ reason }) => reason));
  for (const reason of new Set(reasons))
    say(`${reasons.filter((other) => other === reason).length} skipped: ${reason}`);
  const total = (part: 'passed' | 'failed'): number => results.reduce((sum, result) => sum + result[part].length, 0);
  say(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0;
}

/**
 * Runs test files, each in a process of its own, and reports by lines. The last line is `N passed, N failed`.
 *
 * Returns whether all is well: a file that crashes, hangs or has no tests is a failure.
 */
export async function runTests(options: TestRunOptions): Promise<boolean> {
  const { directory, concurrency, say, ...fileOptions } = options;
  const waiting = [...testFiles(options)];
  const results: TestFileResult[] = [];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runTestFile(file, fileOptions);
      report(say, join('test', relative(directory, file)).replace(/\.js$/, '.ts'), result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return summarize(say, results);
}
