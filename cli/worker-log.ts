import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogLevel, Logger } from '@temporalio/worker';
import { pino } from 'pino';

/** How a worker of ours logs: `text` for people, `json` for collectors, both on stderr. */
export type LogFormat = 'text' | 'json';

/** The levels that Temporal has, quietest last. */
export const LOG_LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** Sets up the process-wide log of Temporal's runtime. Only for processes that are ours: a library must not. */
export function installLog(format: LogFormat, level: LogLevel): void {
  Runtime.install({
    logger: format === 'json' ? jsonLogger(level) : new DefaultLogger(level),
    // Ctrl-C is handled where the worker runs, in order with everything else that has to end.
    shutdownSignals: [],
  });
}

function jsonLogger(level: LogLevel): Logger {
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
