import type { SshFailureType } from '../../contract';
import { settleOnce } from '../settle-once';

/** A credential that was refused: when it is offered again at the earliest, and what the server made of it. */
export interface Refusal {
  readonly type: Extract<SshFailureType, 'SshAuthFailed' | 'SshAuthPasswordExpired'>;
  readonly remainingMs: number;
}

/** How the turn with a credential ended; `unanswered`: it was offered, and the connection ended without a word on it. */
export type CredentialEnd = 'accepted' | Refusal['type'] | 'unanswered' | 'unknown';

/** What {@link CredentialGuard.enter} gives. */
export type CredentialTurn =
  | { readonly turn: 'yours'; readonly end: (end: CredentialEnd) => void }
  | { readonly turn: 'refused'; readonly refusal: Refusal }
  /** It was offered and not answered, so often in a row; it may have counted as a failed try. */
  | { readonly turn: 'doubtful'; readonly remainingMs: number; readonly times: number }
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
  doubt?: { readonly times: number; readonly until: number };
  refused?: { readonly type: Refusal['type']; readonly until: number };
  /** Set-ups that offer it now. */
  trying: number;
  readonly waiting: Set<() => void>;
}

const MAX_CREDENTIALS = 10_000;

// No account is locked for a key. But each refusal counts for PerSourcePenalties and fail2ban, which shut out the whole
// worker; and whoever adds the key to authorized_keys should not have to wait for long.
const KEY_COOL_DOWN_MS = 15_000;

// Some servers close the connection instead of refusing a password; others are only slow. Accounts are locked by tries
// within minutes, so that the time between them has to grow to more than that.
const DOUBT_MS = 60_000;

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
        const doubtMs = Math.ceil((state.doubt?.until ?? 0) - this.now());
        if (state.doubt && doubtMs > 0) {
          return settlement.resolve({ turn: 'doubtful', remainingMs: doubtMs, times: state.doubt.times });
        }
        if (secret && state.trying > 0) return;
        state.trying += 1;
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
    const state: State = { trying: 0, waiting: new Set() };
    this.#states.set(key, state);
    return state;
  }

  /** Hosts from a function have no end; the oldest that nobody uses now matters least. */
  #forgetOne(): void {
    for (const [key, { trying, waiting }] of this.#states) {
      if (trying === 0 && waiting.size === 0) return void this.#states.delete(key);
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
      state.trying -= 1;
      if (end === 'accepted') {
        delete state.refused;
        delete state.doubt;
      } else if (end === 'unanswered') {
        const times = (state.doubt?.times ?? 0) + 1;
        const waitMs = Math.min(DOUBT_MS * 2 ** Math.min(times - 1, 20), this.coolDownMs);
        state.doubt = { times, until: this.now() + waitMs };
      } else if (end !== 'unknown') state.refused = { type: end, until: this.now() + this.coolDownOf(secret) };
      for (const look of [...state.waiting]) look();
      // What nothing is known of needs no memory.
      if (!state.refused && !state.doubt && state.trying === 0 && state.waiting.size === 0) this.#states.delete(key);
    };
  }
}
