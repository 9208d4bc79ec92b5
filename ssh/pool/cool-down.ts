import type { SshFailureType } from '../../contract';

// A refusal that says so is believed at once; any other failure to get in may be one packet's bad luck.
const AT_ONCE: readonly SshFailureType[] = ['SshServerBusy', 'SshServerPenalty'];
const WHEN_REPEATED: readonly SshFailureType[] = [
  'SshConnectRefused',
  'SshConnectTimeout',
  'SshConnectUnreachable',
  'SshDnsTemporary',
  'SshBannerTimeout',
  'SshBannerClosed',
  'SshKexTimeout',
];
const REPEATED = 2;

// OpenSSH enforces a penalty from 15 s on and keeps it for up to 10 minutes; each early connection lengthens it.
const PENALTY_FIRST_MS = 15_000;
const PENALTY_LONGEST_MS = 600_000;

const FORGET_MS = 2 * PENALTY_LONGEST_MS;
const MAX_HOSTS = 10_000;

interface HostState {
  failures: number;
  until: number;
  probing: boolean;
  lastAt: number;
}

/** What a step may do with a host. */
export type Admission =
  | { readonly admitted: true }
  /** The host is left alone; how long still, in milliseconds. */
  | { readonly admitted: false; readonly remainingMs: number; readonly failures: number };

/** While one connection tries whether the host is back, the others look again after this. */
const PROBE_WAIT_MS = 2_000;

/**
 * Remembers hosts that refuse connections, so that many steps together do not hammer one.
 *
 * After a failure the host is left alone for a time that grows with each failure in a row. Then one connection may try;
 * the others wait for what it finds.
 */
export class CoolDown {
  readonly #hosts = new Map<string, HostState>();

  constructor(
    private readonly limits: { readonly coolDownMs: number; readonly maxCoolDownMs: number },
    private readonly now: () => number = () => performance.now(),
    private readonly random: () => number = Math.random
  ) {}

  /** Asks before a connection is set up. An admitted one must report its end by {@link succeeded} or {@link failed}. */
  admit(host: string): Admission {
    const state = this.#hosts.get(host);
    if (!state || state.until === 0) return { admitted: true };
    const remainingMs = Math.ceil(state.until - this.now());
    if (remainingMs > 0) return { admitted: false, remainingMs, failures: state.failures };
    if (state.probing) return { admitted: false, remainingMs: PROBE_WAIT_MS, failures: state.failures };
    state.probing = true;
    return { admitted: true };
  }

  /** The host let someone in: whatever was before is over. */
  succeeded(host: string): void {
    this.#hosts.delete(host);
  }

  /**
   * A set-up failed; `undefined` when it was ended from outside and says nothing about the host. Returns how long the
   * host is left alone now, in milliseconds.
   */
  failed(host: string, type: SshFailureType | undefined): number {
    const state = this.#hosts.get(host);
    if (type === undefined || !(AT_ONCE.includes(type) || WHEN_REPEATED.includes(type))) {
      // Its answer, if it was one, was not that the host is congested; another one may try.
      if (state) state.probing = false;
      return 0;
    }
    // What was long ago says nothing any more.
    const forgotten = state !== undefined && this.now() - state.lastAt > FORGET_MS;
    const failures = (forgotten ? 0 : (state?.failures ?? 0)) + 1;
    const cools = AT_ONCE.includes(type) || failures >= REPEATED;
    const until = cools ? this.now() + this.#delay(type, failures) : (state?.until ?? 0);
    // Hosts from a function have no end; the oldest is the one that matters least.
    const [oldest] = this.#hosts.keys();
    if (!state && this.#hosts.size >= MAX_HOSTS && oldest !== undefined) this.#hosts.delete(oldest);
    const latest = Math.max(until, state?.until ?? 0);
    this.#hosts.set(host, { failures, until: latest, probing: false, lastAt: this.now() });
    return Math.max(0, Math.ceil(latest - this.now()));
  }

  /** Between half of the window and all of it, so that the worker's hosts do not come back in step. */
  #delay(type: SshFailureType, failures: number): number {
    const penalty = type === 'SshServerPenalty';
    const { coolDownMs, maxCoolDownMs } = this.limits;
    const [first, longest] = penalty ? [PENALTY_FIRST_MS, PENALTY_LONGEST_MS] : [coolDownMs, maxCoolDownMs];
    const window = Math.min(first * 2 ** Math.min(failures - 1, 20), longest);
    return penalty ? window * (1 + this.random() / 4) : window * (0.5 + this.random() / 2);
  }
}
