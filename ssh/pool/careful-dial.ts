import { dial } from '../dial';
import type { DialObserver, DialOptions } from '../dial';
import type { SshConnection } from '../ssh-connection';
import { SshError } from '../ssh-error';
import { NO_TELEMETRY } from '../telemetry';
import type { SshTelemetry } from '../telemetry';
import type { SshTarget } from '../target';
import { CoolDown } from './cool-down';
import { coolingDown, credentialDoubtful, credentialRefused, setUpsUnderWay } from './cooling-down';
import { CredentialGuard } from './credential-guard';
import type { CredentialEnd } from './credential-guard';
import type { PoolLimits } from './pool-options';
import { SetUpGate } from './set-up-gate';

/**
 * Dials with care for the hosts: no more set-ups at a time than are allowed, none to a host that is left alone for now,
 * and none with a credential that it has just refused. Jump hosts are hosts like any other; what fails at one is not held
 * against the host behind it.
 */
export class CarefulDial {
  readonly #gate: SetUpGate;
  readonly #coolDown: CoolDown;
  readonly #credentials: CredentialGuard;

  constructor(
    private readonly limits: PoolLimits,
    private readonly telemetry: SshTelemetry = NO_TELEMETRY
  ) {
    this.#gate = new SetUpGate(limits);
    this.#coolDown = new CoolDown(limits);
    this.#credentials = new CredentialGuard(limits.credentialCoolDownMs);
  }

  /**
   * @throws {@link SshError} for what the set-up fails with; `SshHostCoolingDown`, and `SshAuthFailed` or
   * `SshAuthPasswordExpired` for a credential that was refused before, without touching the network; the signal's reason
   * when aborted.
   */
  dial(target: SshTarget, options: DialOptions): Promise<SshConnection> {
    return this.#dial(target, options, true);
  }

  async #dial(target: SshTarget, options: DialOptions, isEnd: boolean): Promise<SshConnection> {
    const host = routeKey(target);
    const cooling = this.#coolDown.remaining(host);
    if (cooling) throw this.#turnAway(target, 'host', coolingDown(target, cooling));
    const endTurn = await this.#takeTurn(host, target, options.signal);
    let end: CredentialEnd = 'unknown';
    let offered = false;
    const observer: DialObserver = {
      ...options.observer,
      onSecret: () => {
        offered = true;
        options.observer?.onSecret?.();
      },
    };
    try {
      const connection = await this.#enter(host, target, { ...options, observer }, isEnd);
      end = 'accepted';
      return connection;
    } catch (error) {
      if (error instanceof SshError && error.details.stage !== 'config' && error.details.jump === undefined) {
        if (error.type === 'SshAuthFailed' || error.type === 'SshAuthPasswordExpired') end = error.type;
        else if (offered && error.details.stage === 'auth') end = 'unanswered';
      }
      throw error;
    } finally {
      endTurn(end);
    }
  }

  /** Waits for a turn with the target's credentials. */
  async #takeTurn(
    host: string,
    target: SshTarget,
    signal: AbortSignal | undefined
  ): Promise<(end: CredentialEnd) => void> {
    const identity = target.credentialKey ?? target.shareKey;
    if (identity === undefined) return () => undefined;
    const secret = target.auth.some(({ type }) => type !== 'publickey' && type !== 'agent');
    const waitMs = this.limits.maxWaitMs;
    const turn = await this.#credentials.enter(`${host} ${identity}`, { secret, waitMs, signal });
    if (turn.turn === 'refused') throw this.#turnAway(target, 'credential', credentialRefused(target, turn.refusal));
    if (turn.turn === 'doubtful') throw this.#turnAway(target, 'credential', credentialDoubtful(target, turn));
    if (turn.turn === 'busy') throw this.#turnAway(target, 'host', setUpsUnderWay(target, waitMs));
    return (end) => {
      turn.end(end);
      if (end === 'accepted' || end === 'unknown' || end === 'unanswered') return;
      this.telemetry.coolingDown(target.name, 'credential', end, this.#credentials.coolDownOf(secret));
    };
  }

  async #enter(host: string, target: SshTarget, options: DialOptions, isEnd: boolean): Promise<SshConnection> {
    const { maxWaitMs } = this.limits;
    const startedAt = performance.now();
    // A hop takes no place of its own in the whole: those who hold all of them could be waiting for hops.
    const leave = await this.#gate.enter(host, maxWaitMs, { signal: options.signal, inAll: isEnd });
    if (!leave) throw this.#turnAway(target, 'host', setUpsUnderWay(target, maxWaitMs));
    const waitedMs = Math.round(performance.now() - startedAt);
    if (waitedMs > 0) this.telemetry.waited(target.name, 'set-up-limit', waitedMs);
    try {
      // What happened while this one waited counts too.
      const admission = this.#coolDown.admit(host);
      if (!admission.admitted) throw this.#turnAway(target, 'host', coolingDown(target, admission));
      return await this.#attempt(host, target, { ...options, dialHop: (hop, more) => this.#dial(hop, more, false) });
    } finally {
      leave();
    }
  }

  async #attempt(host: string, target: SshTarget, options: DialOptions): Promise<SshConnection> {
    const startedAt = performance.now();
    try {
      const connection = await dial(target, { ...options, observer: this.#timed(target, options.observer) });
      this.#coolDown.succeeded(host);
      this.#gate.accepted(host);
      return connection;
    } catch (error) {
      // A jump host that was not reached in the time of the host behind it is ended by that one's failure, which names it.
      const ended = error === options.signal?.reason;
      if (error instanceof SshError && !ended && !isOfHop(error, target)) {
        this.telemetry.failed(target.name, error.type, error.details.stage);
      }
      const blamed = ended ? target.name : undefined;
      const own = error instanceof SshError && error.details.jump === blamed ? error : undefined;
      if (own?.type === 'SshServerBusy') this.#gate.refused(host, startedAt);
      const remainingMs = this.#coolDown.failed(host, own?.type, startedAt);
      if (own && remainingMs > 0) {
        own.retryAfterMs = remainingMs;
        this.telemetry.coolingDown(target.name, 'host', own.type, remainingMs);
      }
      throw error;
    }
  }

  #timed({ name }: SshTarget, observer: DialObserver = {}): DialObserver {
    return {
      ...observer,
      onStageDone: (stage, ms) => {
        this.telemetry.stageDone(name, stage, ms);
        observer.onStageDone?.(stage, ms);
      },
    };
  }

  #turnAway(target: SshTarget, what: 'host' | 'credential', error: SshError): SshError {
    this.telemetry.turnedAway(target.name, what);
    return error;
  }
}

/** The failure happened while a jump host was set up, and was told as that host's. */
function isOfHop({ details, cause }: SshError, { name }: SshTarget): boolean {
  return details.jump !== undefined && cause instanceof SshError && cause.details.host !== name;
}

/** Tells hosts apart that have the same private address behind different jump hosts or proxy commands. */
function routeKey({ address, port, via, proxyCommand = '' }: SshTarget): string {
  return `${via ? `${routeKey(via)} ` : proxyCommand}${address}:${port}`;
}
