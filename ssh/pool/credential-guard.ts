import type { SshFailureType } from '../../contract';
import { settleOnce } from '../settle-once';

/** A credential that was refused: when it is offered again at the earliest, and what the server made of it. */
export interface Refusal {
  readonly type: Extract<SshFailureType, 'SshAuthFailed' | 'SshAuthPasswordExpired'>;
  readonly remainingMs: number;
}

/** How the turn with a credential ended. */
export type CredentialEnd = 'accepted' | Refusal['type'] | 'unknown';

/** What {@link CredentialGuard.enter} gives. */
export type CredentialTurn =
  | { readonly turn: 'yours'; readonly end: (end: CredentialEnd) => void }
  | { readonly turn: 'refused'; readonly refusal: Refusal }
  /** Somebody else still tries it. */
  | { readonly turn: 'busy' };

/** What is asked for. */
export interface TurnOptions {
  /** A password or the like, which a server may lock an account for. */
  readonly secret: boolean;
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface State {
  refused?: { readonly type: Refusal['type']; readonly until: number };
  trying: boolean;
  readonly waiting: Set<() => void>;
}

const MAX_CREDENTIALS = 10_000;

// No account is locked for a key. But each refusal counts for PerSourcePenalties and fail2ban, which shut out the whole
// worker; and whoever adds the key to authorized_keys should not have to wait for long.
const KEY_COOL_DOWN_MS = 15_000;

/**
 * Sees to it that a credential that a host refuses is offered once, and not by each step anew: accounts get locked, and
 * addresses get banned, for less.
 *
 * A secret is offered by one set-up at a time, so that what is refused was offered once in all; keys by several at a
 * time. A refused credential is left alone for its cool-down. It is told apart by what it is, not by its name: one that
 * changes is another one, and is tried at once.
 */
export class CredentialGuard {
  readonly #states = new Map<string, State>();

  constructor(
    private readonly coolDownMs: number,
    private readonly now: () => number = () => performance.now()
  ) {}

  /** How long a refused credential is left alone, in milliseconds. */
  coolDownOf(secret: boolean): number {
    return secret ? this.coolDownMs : Math.min(KEY_COOL_DOWN_MS, this.coolDownMs);
  }

  /**
   * Asks for a turn with a credential; what is given has to be ended.
   *
   * @throws the signal's reason when aborted.
   */
  enter(key: string, { secret, waitMs, signal }: TurnOptions): Promise<CredentialTurn> {
    return settleOnce((settlement) => {
      if (signal?.aborted) return settlement.reject(signal.reason);
      const look = (): void => {
        const state = this.#stateOf(key);
        const refusal = this.#refusalOf(state);
        if (refusal) return settlement.resolve({ turn: 'refused', refusal });
        if (secret && state.trying) return;
        if (secret) state.trying = true;
        settlement.resolve({ turn: 'yours', end: this.#end(key, state, secret) });
      };
      look();
      if (settlement.settled) return;
      const { waiting } = this.#stateOf(key);
      const onAbort = (): void => settlement.reject(signal?.reason);
      const timer = setTimeout(() => settlement.resolve({ turn: 'busy' }), waitMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.add(look);
      settlement.onSettled(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        waiting.delete(look);
      });
    });
  }

  #stateOf(key: string): State {
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#states.size >= MAX_CREDENTIALS) this.#forgetOne();
    const state: State = { trying: false, waiting: new Set() };
    this.#states.set(key, state);
    return state;
  }

  /** Hosts from a function have no end; the oldest that nobody uses now matters least. */
  #forgetOne(): void {
    for (const [key, { trying, waiting }] of this.#states) {
      if (!trying && waiting.size === 0) return void this.#states.delete(key);
    }
  }

  #refusalOf({ refused }: State): Refusal | undefined {
    if (!refused) return undefined;
    const remainingMs = Math.ceil(refused.until - this.now());
    return remainingMs > 0 ? { type: refused.type, remainingMs } : undefined;
  }

  #end(key: string, state: State, secret: boolean): (end: CredentialEnd) => void {
    let ended = false;
    return (end) => {
      if (ended) return;
      ended = true;
      if (secret) state.trying = false;
      if (end === 'accepted') delete state.refused;
      else if (end !== 'unknown') state.refused = { type: end, until: this.now() + this.coolDownOf(secret) };
      for (const look of [...state.waiting]) look();
      // What nothing is known of needs no memory.
      if (!state.refused && !state.trying && state.waiting.size === 0) this.#states.delete(key);
    };
  }
}
