import { DURATION_EXPECTED, describeProblems, kindOf, parseDuration, show } from '../../contract';
import type { OptionProblem, SshTimeouts } from '../../contract';
import { configError } from '../ssh-error';

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
}

const DEFAULTS: PoolLimits = {
  idleMs: 60_000,
  maxAgeMs: 3_600_000,
  maxChannels: 8,
  maxSetUps: 4,
  maxSetUpsInAll: 64,
  coolDownMs: 5_000,
  maxCoolDownMs: 120_000,
};

const NAMES = ['idle', 'maxAge', 'maxChannels', 'maxSetUps', 'maxSetUpsInAll', 'coolDown', 'maxCoolDown'];

/**
 * The limits of a pool.
 *
 * @throws {@link SshError} `SshConfigInvalid` for options that are out of range or unknown.
 */
export function poolLimits(options: PoolOptions = {}): PoolLimits {
  const problems: OptionProblem[] = [];
  const duration = (name: 'idle' | 'maxAge' | 'coolDown' | 'maxCoolDown', byDefault: number): number => {
    const value = options[name];
    if (value === undefined) return byDefault;
    if (name === 'idle' && value === 0) return 0;
    const ms = parseDuration(value);
    if (ms === undefined) problems.push({ option: `pool.${name}`, expected: DURATION_EXPECTED, found: show(value) });
    return ms ?? byDefault;
  };
  const count = (name: 'maxChannels' | 'maxSetUps' | 'maxSetUpsInAll'): number => {
    const value = options[name] ?? DEFAULTS[name];
    if (!Number.isSafeInteger(value) || value < 1) {
      problems.push({ option: `pool.${name}`, expected: 'a whole number of at least 1', found: kindOf(value) });
    }
    return value;
  };
  const limits: PoolLimits = {
    idleMs: duration('idle', DEFAULTS.idleMs),
    maxAgeMs: duration('maxAge', DEFAULTS.maxAgeMs),
    maxChannels: count('maxChannels'),
    maxSetUps: count('maxSetUps'),
    maxSetUpsInAll: count('maxSetUpsInAll'),
    coolDownMs: duration('coolDown', DEFAULTS.coolDownMs),
    maxCoolDownMs: duration('maxCoolDown', DEFAULTS.maxCoolDownMs),
  };
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue;
    problems.push({ option: `pool.${name}`, expected: `one of ${NAMES.join(', ')}`, found: 'an unknown option' });
  }
  if (problems.length > 0)
    throw configError('SshConfigInvalid', '', describeProblems('the options of the pool', problems));
  return limits;
}
