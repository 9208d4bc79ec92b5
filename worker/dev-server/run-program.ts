import { OutputLines } from './output-lines';
import { superviseProcess } from './supervised-process';
import type { SupervisedProcessOptions } from './supervised-process';

const TICK_MS = 10_000;
const END_GRACE_MS = 2000;

/** What {@link runProgram} takes. */
export interface RunProgramOptions extends SupervisedProcessOptions {
  /** The program is ended after so many milliseconds. */
  readonly limitMs: number;
  /** Called every 10 s with the milliseconds since the start. */
  readonly onTick?: (elapsedMs: number) => void;
  readonly signal?: AbortSignal;
}

/** What came of a program. */
export interface ProgramResult {
  /** Why it was no success, in a few words with the last lines of its output; `undefined` when it ended with 0. */
  readonly problem: string | undefined;
  /** The last lines of both output streams. */
  readonly lines: readonly string[];
}

/** Runs a program to its end. Rejects only with the reason of an aborted signal. */
export async function runProgram(options: RunProgramOptions): Promise<ProgramResult> {
  const { limitMs, onTick, signal } = options;
  signal?.throwIfAborted();
  const output = new OutputLines(20);
  let program;
  try {
    program = await superviseProcess(options);
  } catch (error) {
    return { problem: `cannot be run: ${error instanceof Error ? error.message : String(error)}`, lines: [] };
  }
  output.follow(program.stdout);
  output.follow(program.stderr);

  const began = Date.now();
  let timedOut = false;
  const stop = (): void => void program.end(END_GRACE_MS);
  const limit = setTimeout(() => {
    timedOut = true;
    stop();
  }, limitMs);
  const tick = onTick && setInterval(() => onTick(Date.now() - began), TICK_MS);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  const { code, signal: endSignal } = await program.ended;
  clearTimeout(limit);
  clearInterval(tick);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();

  const lines = output.last;
  if (timedOut) return { problem: `did not end within ${limitMs / 1000} s`, lines };
  if (code === 0) return { problem: undefined, lines };
  const end = code === null ? `was ended by ${endSignal}` : `ended with exit code ${code}`;
  const said = lines
    .filter((line) => line.trim() !== '')
    .slice(-3)
    .join(' | ');
  return { problem: said === '' ? `${end} and said nothing` : `${end}: ${said}`, lines };
}
