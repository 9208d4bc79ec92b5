import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { ProcessIdentity } from './processes';

/** Something that must not outlive the test process. */
export type ReaperEntry =
  { readonly server: ProcessIdentity; readonly marker: string } | { readonly directory: string };

let input: Writable | undefined;
let count = 0;

function reaperInput(): Writable {
  if (input !== undefined) return input;
  // Its own process group and none of our streams, so that whatever ends the test process does not end it as well.
  const child = spawn(process.execPath, [join(__dirname, 'reaper-main.js')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: process.env.PATH },
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  child.stdin.on('error', () => undefined);
  input = child.stdin;
  return input;
}

/**
 * Has something cleared even when this process is killed. Returns what to call once it has been cleared here.
 *
 * The test runner kills a file that hangs; no `after` hook runs then.
 */
export function entrust(entry: ReaperEntry): () => void {
  const key = String((count += 1));
  const stream = reaperInput();
  stream.write(`${JSON.stringify({ key, entry })}\n`);
  return () => {
    stream.write(`${JSON.stringify({ key })}\n`);
  };
}
