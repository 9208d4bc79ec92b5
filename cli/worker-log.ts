import { formatWithOptions } from 'node:util';
import { TemporalFailure } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import type { LogEntry, LogLevel, Logger } from '@temporalio/worker';
import { pino } from 'pino';

/** How a worker of ours logs: `text` for people, `json` for collectors, both on stderr. */
export type LogFormat = 'text' | 'json';

/** The levels that Temporal has, quietest last. */
export const LOG_LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** Text for people, on stderr. */
export function textLogger(level: LogLevel): Logger {
  return new DefaultLogger(level, (entry) => void process.stderr.write(`${textEntry(entry)}\n`));
}

/** An entry as text. A failure of a step says what happened: where in our code it was thrown helps nobody. Other errors keep their stack. */
export function textEntry({ level, timestampNanos, message, meta }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const { error, ...rest } = (meta ?? {}) as { readonly error?: unknown };
  const told = error instanceof TemporalFailure ? failureLine(error) : error;
  const shown = { ...rest, ...(error !== undefined && { error: told }) };
  const more = Object.keys(shown).length === 0 ? '' : ` ${formatWithOptions({ colors: false }, shown)}`;
  return `${time} [${level}] ${message}${more}`;
}

function failureLine(error: TemporalFailure): string {
  const { type } = error as { readonly type?: string | null };
  return `${type ?? error.name}: ${error.message}`;
}

/** One line of JSON an entry, on stderr. */
export function jsonLogger(level: LogLevel): Logger {
  const log = pino(
    { level: level.toLowerCase(), base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2)
  );
  const write = (at: LogLevel, message: string, meta: object = {}): void => {
    const { error, ...rest } = meta as { error?: unknown };
    log[at.toLowerCase() as 'info']({ ...rest, ...(error !== undefined && { err: error }) }, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
