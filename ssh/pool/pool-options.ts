import { DURATION_EXPECTED, describeProblems, kindOf, parseDuration, show } from '../../contract';
import type { OptionProblem, SshTimeouts } from '../../contract';
import { configError } from '../ssh-error';
import { LONGEST_TIMEOUT_MS } from '../stage-clock';

/** As for the deadlines of a step: milliseconds, or a Temporal duration such as `'60s'`. */
type Duration = NonNullable<SshTimeouts['run']>;

/** How connections are shared and kept. One pool serves all steps of a worker. */
export interface PoolOptions {
  /** How long a connection that nothing uses is kept. `0`: none is reused, each is closed with its step. @default '60s' */
  readonly idle?: Duration;
  /** How old a connection may be when a step takes it. @default '1h' */
  readonly maxAge?: Duration;
  /** Steps on one connection at a time; OpenSSH allows 10 (`MaxSessions`). @default 8 */
  readonly maxChannels?: number;
  /**
   * Connections to one host that may be being set up at a time; OpenSSH begins to refuse at 10 (`MaxStartups 10:30:100`).
   *
   * @default 4
   */
  readonly maxSetUps?: number;
  /** The same for all hosts together. @default 64 */
  readonly maxSetUpsInAll?: number;
  /**
   * How long a host is left alone after it said that it is busy, or after the second failure in a row to get in. It
   * doubles with each further one.
   *
   * @default '5s'
   */
  readonly coolDown?: Duration;
  /** The longest such time. For an OpenSSH penalty it is 15 s to 12.5 minutes, whatever is set here. @default '2m' */
  readonly maxCoolDown?: Duration;
  /**
   * How long a step waits, with its worker slot, for others that set up connections to its host. Then it gives the slot
   * back and is tried again.
   *
   * @default '5s'
   */
  readonly maxWait?: Duration;
  /**
   * How long a password, or a credential with keyboard-interactive answers, is not offered again to a host that has refused
   * it, by whichever step. One that changes is tried at once. Keys and agents are left alone for 15 s at most.
   *
   * @default '10m'
   */
  readonly credentialCoolDown?: Duration;
}

/** {@link PoolOptions} with all defaults applied, in milliseconds. */
export interface PoolLimits {
  readonly idleMs: number;
  readonly maxAgeMs: number;
  readonly maxChannels: number;
  readonly maxSetUps: number;
  readonly maxSetUpsInAll: number;
  readonly coolDownMs: number;
  readonly maxCoolDownMs: number;
  readonly maxWaitMs: number;
  readonly credentialCoolDownMs: number;
  /** How long ago a peer may have answered for a step to take its connection without a question. */
  readonly freshMs: number;
}

const DEFAULTS: PoolLimits = {
  idleMs: 60_000,
  maxAgeMs: 3_600_000,
  maxChannels: 8,
  maxSetUps: 4,
  maxSetUpsInAll: 64,
  coolDownMs: 5_000,
  maxCoolDownMs: 120_000,
  maxWaitMs: 5_000,
  credentialCoolDownMs: 600_000,
  freshMs: 10_000,
};

const DURATIONS = ['idle', 'maxAge', 'coolDown', 'maxCoolDown', 'maxWait', 'credentialCoolDown'] as const;
const COUNTS = ['maxChannels', 'maxSetUps', 'maxSetUpsInAll'] as const;
const NAMES: readonly string[] = [...DURATIONS, ...COUNTS];

/**
 * The limits of a pool.
 *
 * @throws {@link SshError} `SshConfigInvalid` for options that are out of range or unknown.
 */
export function poolLimits(options: PoolOptions = {}): PoolLimits {
  const problems: OptionProblem[] = [];
  const duration = (name: (typeof DURATIONS)[number]): number => {
    const byDefault = DEFAULTS[`${name}Ms`];
    const value = options[name];
    if (value === undefined) return byDefault;
    if (name === 'idle' && value === 0) return 0;
    const ms = parseDuration(value);
    if (ms === undefined) problems.push({ option: `pool.${name}`, expected: DURATION_EXPECTED, found: show(value) });
    return Math.min(ms ?? byDefault, LONGEST_TIMEOUT_MS);
  };
  const count = (name: (typeof COUNTS)[number]): number => {
    const value = options[name] ?? DEFAULTS[name];
    if (!Number.isSafeInteger(value) || value < 1) {
      problems.push({ option: `pool.${name}`, expected: 'a whole number of at least 1', found: kindOf(value) });
    }
    return value;
  };
  const limits: PoolLimits = {
    idleMs: duration('idle'),
    maxAgeMs: duration('maxAge'),
    maxChannels: count('maxChannels'),
    maxSetUps: count('maxSetUps'),
    maxSetUpsInAll: count('maxSetUpsInAll'),
    coolDownMs: duration('coolDown'),
    maxCoolDownMs: duration('maxCoolDown'),
    maxWaitMs: duration('maxWait'),
    credentialCoolDownMs: duration('credentialCoolDown'),
    freshMs: DEFAULTS.freshMs,
  };
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue;
    problems.push({ option: `pool.${name}`, expected: `one of ${NAMES.join(', ')}`, found: 'an unknown option' });
  }
  if (problems.length > 0)
    throw configError('SshConfigInvalid', '', describeProblems('the options of the pool', problems));
  return limits;
}
