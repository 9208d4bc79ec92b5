import { Runtime } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';
import { SSH_HISTOGRAM_BUCKETS } from '../worker';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { jsonLogger, textLogger } from './worker-log';
import type { LogFormat } from './worker-log';

/** What {@link installRuntime} takes. */
export interface RuntimeFlags {
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  /** Where Prometheus can fetch metrics, as `address:port`. @default nowhere */
  readonly metricsAddress?: string | undefined;
}

/** Sets up Temporal's process-wide runtime. Only for processes that are ours: a library must not. */
export function installRuntime({ logFormat, logLevel, metricsAddress }: RuntimeFlags): void {
  try {
    Runtime.install({
      logger: logFormat === 'json' ? jsonLogger(logLevel) : textLogger(logLevel),
      // Ctrl-C is handled where the worker runs, in order with everything else that has to end.
      shutdownSignals: [],
      ...(metricsAddress !== undefined && {
        telemetryOptions: {
          metrics: { prometheus: { bindAddress: metricsAddress, histogramBucketOverrides: SSH_HISTOGRAM_BUCKETS } },
        },
      }),
    });
  } catch (error) {
    if (metricsAddress === undefined) throw error;
    throw new CliError(`No metrics can be served at ${metricsAddress}: ${(error as Error).message}`, EXIT.config);
  }
}
