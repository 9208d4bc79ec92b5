import type { SshRunOutcome } from '../client';
import type { SshProgress } from '../contract';
import { cleanServerText } from '../ssh/server-text';
import { RUN_END_CODES } from './exit-codes';
import { LiveScreen } from './live-screen';
import { progressLines } from './progress-lines';
import { renderRun } from './render-run';
import { stderrLinesOf } from './stderr-lines';
import { toldByHosts, withoutTold } from './without-told';

/** Where a run that is watched is shown. */
export interface RunOutput {
  progress(progress: SshProgress): void;
  tell(line: string): void;
  end(outcome: SshRunOutcome): void;
  close(): void;
}

const TICK_MS = 1_000;

/** JSON lines, a table that is drawn in place on a terminal, lines of text anywhere else. */
export function runOutput(workflowId: string, json: boolean): RunOutput {
  if (json) return jsonOutput(workflowId);
  return process.stdout.isTTY ? liveOutput(workflowId) : plainOutput(workflowId);
}

/** An object as a line of JSON, without the control characters that `JSON.stringify` leaves as they are. */
export function jsonLine(object: object): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(object).replaceAll(/[\u007f-\u009f]/g, escape)}\n`;
}

function jsonOutput(workflowId: string): RunOutput {
  const write = (object: object): void => void process.stdout.write(jsonLine(object));
  return {
    progress: (progress) => write({ event: 'progress', workflowId, progress }),
    tell: (line) => void process.stderr.write(`${line}\n`),
    end: ({ end, failure, compensation }) =>
      write({
        event: 'end',
        workflowId,
        end,
        exitCode: RUN_END_CODES[end],
        ...(failure && { failure }),
        ...(compensation && { compensation }),
      }),
    close: () => undefined,
  };
}

function plainOutput(workflowId: string): RunOutput {
  let before: SshProgress | undefined;
  return {
    progress: (progress) => {
      for (const line of progressLines(before, progress, workflowId)) process.stdout.write(`${line}\n`);
      before = progress;
    },
    tell: (line) => void process.stderr.write(`${line}\n`),
    // Its reasons are in the lines before it.
    end: (outcome) => writeEnd(outcome, outcome.progress ? toldByHosts(outcome.progress) : []),
    close: () => undefined,
  };
}

function liveOutput(workflowId: string): RunOutput {
  const live = new LiveScreen(process.stdout);
  const color = (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  let last: SshProgress | undefined;
  let told: string | undefined;
  const draw = (): void => {
    const { width, height } = live.size;
    const room = told === undefined ? height : height - 1;
    const lines = last ? renderRun(last, { workflowId, width, height: room, color, now: Date.now() }) : [];
    live.draw(told === undefined ? lines : [...lines, told.slice(0, width)]);
  };
  const resized = (): void => {
    live.clear();
    draw();
  };
  const tick = setInterval(draw, TICK_MS);
  process.stdout.on('resize', resized);
  return {
    progress: (progress) => {
      last = progress;
      told = undefined;
      draw();
    },
    tell: (line) => {
      told = line;
      draw();
    },
    end: (outcome) => {
      told = undefined;
      draw();
      writeEnd(outcome);
      const lines = outcome.end === 'succeeded' || !outcome.progress ? [] : stderrLinesOf(outcome.progress);
      for (const line of lines) process.stderr.write(`${line}\n`);
    },
    close: () => {
      clearInterval(tick);
      process.stdout.off('resize', resized);
    },
  };
}

/** How it ended, with what is left to do by hand. */
function writeEnd({ end, progress, failure, compensation }: SshRunOutcome, told?: readonly string[]): void {
  if (end === 'succeeded') return;
  const type = progress?.dryRun ? '' : `${failure?.type}: `;
  const began = progress?.failure?.message ?? '';
  const full = failure?.message ?? '';
  const message =
    told === undefined || progress?.dryRun
      ? full
      : withoutTold(withoutTold(full, told), [began, withoutTold(began, told)]);
  const why = failure ? `: ${type}${message}` : '';
  process.stderr.write(`${cleanServerText(`${end}${why}`)}\n`);
  for (const { name, type, message } of compensation?.notUndone ?? []) {
    process.stderr.write(
      `${cleanServerText(`not undone: ${name}: ${type}${told?.includes(message) ? '' : `: ${message}`}`)}\n`
    );
  }
}
