import type { LogLevel, Logger } from '@temporalio/worker';
import { pino } from 'pino';

/** How a worker of ours logs: `text` for people, `json` for collectors, both on stderr. */
export type LogFormat = 'text' | 'json';

/** The levels that Temporal has, quietest last. */
export const LOG_LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

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
