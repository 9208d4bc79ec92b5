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

/** How long a host is left alone still, in milliseconds, after how many failures in a row. */
export interface CoolingDown {
  readonly remainingMs: number;
  readonly failures: number;
}

/** What a step may do with a host. */
export type Admission = { readonly admitted: true } | ({ readonly admitted: false } & CoolingDown);

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

  /** Whether the host is left alone now; looks only. */
  remaining(host: string): CoolingDown | undefined {
    const state = this.#hosts.get(host);
    if (!state || state.until === 0) return undefined;
    const remainingMs = Math.ceil(state.until - this.now());
    if (remainingMs > 0) return { remainingMs, failures: state.failures };
    return state.probing ? { remainingMs: PROBE_WAIT_MS, failures: state.failures } : undefined;
  }

  /** Asks before a connection is set up. An admitted one must report its end by {@link succeeded} or {@link failed}. */
  admit(host: string): Admission {
    const cooling = this.remaining(host);
    if (cooling) return { admitted: false, ...cooling };
    const state = this.#hosts.get(host);
    // The first to come after a cool-down tries it for all.
    if (state && state.until > 0) state.probing = true;
    return { admitted: true };
  }

  /** The host let someone in: whatever was before is over. */
  succeeded(host: string): void {
    this.#hosts.delete(host);
  }

  /**
   * A set-up failed that began at a time; without a type it was ended from outside and says nothing about the host.
   * Returns how long the host is left alone now, in milliseconds.
   */
  failed(host: string, type: SshFailureType | undefined, startedAt: number = this.now()): number {
    const state = this.#hosts.get(host);
    if (type === undefined) {
      if (state) state.probing = false;
      return 0;
    }
    if (!AT_ONCE.includes(type) && !WHEN_REPEATED.includes(type)) {
      // It got as far as to answer: whatever is wrong, it is not congestion.
      this.#hosts.delete(host);
      return 0;
    }
    // What was long ago says nothing any more; set-ups that were under way together tell one thing together.
    const forgotten = state !== undefined && this.now() - state.lastAt > FORGET_MS;
    const before = forgotten ? 0 : (state?.failures ?? 0);
    const together = state !== undefined && startedAt < state.lastAt;
    const failures = together ? Math.max(1, before) : before + 1;
    const cools = AT_ONCE.includes(type) || failures >= REPEATED;
    const until = cools ? this.now() + this.#delay(type, failures) : 0;
    const latest = Math.max(until, state?.until ?? 0);
    const [oldest] = this.#hosts.keys();
    // Hosts from a function have no end; the oldest is the one that matters least.
    if (!state && this.#hosts.size >= MAX_HOSTS && oldest !== undefined) this.#hosts.delete(oldest);
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
