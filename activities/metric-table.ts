/** What is fixed about one metric. */
export interface SshMetric {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly unit: '' | 'ms' | 'By';
  /** The names of its tags; each has few values. `host` comes on top where `metrics.hostTag` is set. */
  readonly tags: readonly string[];
  /** It belongs to one host. */
  readonly ofHost: boolean;
  readonly description: string;
}

/** Every metric of this package, by its name. */
export const SSH_METRICS = {
  temporal_ssh_attempts: {
    kind: 'counter',
    unit: '',
    tags: ['outcome'],
    // So that each of its series is there from the start, for alerts.
    ofHost: false,
    description: 'Attempts of steps that ended: success, cancelled, or the failure type that Temporal was told',
  },
  temporal_ssh_stage_duration: {
    kind: 'histogram',
    unit: 'ms',
    tags: ['stage'],
    ofHost: true,
    description: 'How long a stage took that ended well',
  },
  temporal_ssh_failures: {
    kind: 'counter',
    unit: '',
    tags: ['type', 'stage'],
    ofHost: true,
    description: 'Set-ups and commands that failed, each once, however many steps waited for it',
  },
  temporal_ssh_connections_open: {
    kind: 'gauge',
    unit: '',
    tags: [],
    ofHost: false,
    description: 'Connections that are open',
  },
  temporal_ssh_connections_in_use: {
    kind: 'gauge',
    unit: '',
    tags: [],
    ofHost: false,
    description: 'Connections on which at least one command runs',
  },
  temporal_ssh_connections_closed: {
    kind: 'counter',
    unit: '',
    tags: ['reason'],
    ofHost: true,
    description: 'Connections that ended: idle, age, lost, unsound, shutdown or unshared',
  },
  temporal_ssh_wait_duration: {
    kind: 'histogram',
    unit: 'ms',
    tags: ['reason'],
    ofHost: true,
    description: 'How long a step waited for a connection: set-up-limit, shared-set-up or liveness',
  },
  temporal_ssh_cool_down_duration: {
    kind: 'histogram',
    unit: 'ms',
    tags: ['what', 'type'],
    ofHost: true,
    description: 'For how long a host or a credential is left alone from then on, and after which failure',
  },
  temporal_ssh_turned_away: {
    kind: 'counter',
    unit: '',
    tags: ['what'],
    ofHost: true,
    description: 'Steps that were turned away because a host or a credential is left alone, or set-ups queue',
  },
  temporal_ssh_bytes: {
    kind: 'counter',
    unit: 'By',
    tags: ['stream'],
    ofHost: true,
    description: 'Bytes of commands: stdout and stderr received, stdin handed over; counted when the command has ended',
  },
  temporal_ssh_file_bytes: {
    kind: 'counter',
    unit: 'By',
    tags: ['direction'],
    ofHost: true,
    description: 'Bytes of files that went to-host or from-host, also of attempts that failed',
  },
  temporal_ssh_transfers_in_progress: {
    kind: 'gauge',
    unit: '',
    tags: [],
    ofHost: false,
    description: 'Transfers of files that are under way on the worker',
  },
} as const satisfies Readonly<Record<string, SshMetric>>;

/** The name of one of {@link SSH_METRICS}. */
export type SshMetricName = keyof typeof SSH_METRICS;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * Bucket limits, in milliseconds, that fit the histograms of this package; those of the SDK end at 10 s, before most
 * deadlines. For `Runtime.install({ telemetryOptions: { metrics: { prometheus: { histogramBucketOverrides } } } })`.
 */
export const SSH_HISTOGRAM_BUCKETS = {
  // From a channel on a connection that is there, over a banner after a minute, to commands of an hour.
  temporal_ssh_stage_duration: [
    ...[5, 10, 25, 50, 100, 250, 500],
    ...[1, 2.5, 5, 10, 30].map((n) => n * SECOND),
    ...[1, 2, 5, 15, 60].map((n) => n * MINUTE),
  ],
  temporal_ssh_wait_duration: [5, 25, 100, 250, 500, ...[1, 2.5, 5, 10, 30, 60].map((n) => n * SECOND)],
  temporal_ssh_cool_down_duration: [
    ...[5, 10, 15, 30].map((n) => n * SECOND),
    ...[1, 2, 5, 10, 15].map((n) => n * MINUTE),
  ],
} satisfies Partial<Record<SshMetricName, number[]>>;
