import type { MetricMeter, MetricTags } from '@temporalio/common';
import { SSH_FAILURE_TYPES } from '../contract';
import type { SshFailureType } from '../contract';
import type { SshTelemetry } from '../ssh/telemetry';
import { SSH_METRICS } from './metric-table';
import type { SshMetricName } from './metric-table';

/** How the metrics are kept. */
export interface SshMetricsOptions {
  /**
   * Where they go. `createSshActivities` has none by default; `SshPlugin` takes that of the runtime
   * (`Runtime.instance().metricMeter`).
   */
  readonly meter?: MetricMeter;
  /**
   * Adds the tag `host`, with the name of the hosts file. The number of series then grows with the number of hosts;
   * with hosts from a function it has no bound.
   *
   * @default false
   */
  readonly hostTag?: boolean;
}

/** How one attempt of a step ended, as Temporal was told. */
export type AttemptOutcome = 'success' | 'cancelled' | 'error' | SshFailureType;

/** What the engine tells, and what only the activity knows. */
export interface StepTelemetry extends SshTelemetry {
  attemptEnded(outcome: AttemptOutcome): void;
  transferBegins(): void;
  transferEnds(): void;
  /** Bytes of a file have gone over. */
  fileBytes(host: string, direction: 'to-host' | 'from-host', bytes: number): void;
}

/**
 * Telemetry that becomes metrics ({@link SSH_METRICS}). All of them go through one meter of the worker, and none through
 * an activity's: connections belong to no activity, and one name has one set of tags.
 */
export function createSshMetrics(meter: MetricMeter, { hostTag = false }: SshMetricsOptions = {}): StepTelemetry {
  const write = writers(meter);
  const tell = (name: SshMetricName, value: number, tags: MetricTags = {}, host?: string): void => {
    const more = hostTag && host !== undefined && SSH_METRICS[name].ofHost ? { host } : {};
    try {
      write[name](value, { ...tags, ...more });
    } catch {
      // The runtime is gone before its connections: there is nobody left to tell.
    }
  };
  // A counter that first appears with its first event shows no increase: alerts would miss what they are for.
  for (const outcome of ['success', 'cancelled', 'error', ...SSH_FAILURE_TYPES]) {
    tell('temporal_ssh_attempts', 0, { outcome });
  }
  tell('temporal_ssh_connections_open', 0);
  tell('temporal_ssh_connections_in_use', 0);
  let transfers = 0;
  const transfersChange = (by: number): void => {
    transfers += by;
    tell('temporal_ssh_transfers_in_progress', transfers);
  };
  transfersChange(0);
  return {
    transferBegins: () => transfersChange(1),
    transferEnds: () => transfersChange(-1),
    fileBytes: (host, direction, bytes) => tell('temporal_ssh_file_bytes', bytes, { direction }, host),
    attemptEnded: (outcome) => tell('temporal_ssh_attempts', 1, { outcome }),
    stageDone: (host, stage, ms) => tell('temporal_ssh_stage_duration', ms, { stage }, host),
    failed: (host, type, stage) => tell('temporal_ssh_failures', 1, { type, stage }, host),
    transferred: (host, bytes) => {
      for (const [stream, count] of Object.entries(bytes)) tell('temporal_ssh_bytes', count, { stream }, host);
    },
    connections: (open, inUse) => {
      tell('temporal_ssh_connections_open', open);
      tell('temporal_ssh_connections_in_use', inUse);
    },
    connectionClosed: (host, reason) => tell('temporal_ssh_connections_closed', 1, { reason }, host),
    waited: (host, reason, ms) => tell('temporal_ssh_wait_duration', ms, { reason }, host),
    coolingDown: (host, what, type, ms) =>
      tell('temporal_ssh_cool_down_duration', Math.round(ms), { what, type }, host),
    turnedAway: (host, what) => tell('temporal_ssh_turned_away', 1, { what }, host),
  };
}

type Write = (value: number, tags: MetricTags) => void;

function writers(meter: MetricMeter): Readonly<Record<SshMetricName, Write>> {
  const entries = Object.entries(SSH_METRICS).map(([name, { kind, unit, description }]): [string, Write] => {
    if (kind === 'counter') {
      const counter = meter.createCounter(name, unit, description);
      return [name, (value, tags) => counter.add(value, tags)];
    }
    if (kind === 'gauge') {
      const gauge = meter.createGauge(name, 'int', unit, description);
      return [name, (value, tags) => gauge.set(value, tags)];
    }
    const histogram = meter.createHistogram(name, 'int', unit, description);
    return [name, (value, tags) => histogram.record(value, tags)];
  });
  return Object.fromEntries(entries) as Record<SshMetricName, Write>;
}
