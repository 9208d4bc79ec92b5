import { dial } from '../dial';
import type { DialOptions } from '../dial';
import type { SshConnection } from '../ssh-connection';
import { SshError } from '../ssh-error';
import type { SshTarget } from '../target';
import { CoolDown } from './cool-down';
import { coolingDown } from './cooling-down';
import type { PoolLimits } from './pool-options';
import { SetUpGate } from './set-up-gate';

/**
 * Dials with care for the hosts: no more set-ups at a time than are allowed, and none to a host that is left alone for
 * now. Jump hosts are hosts like any other; what fails at one is not held against the host behind it.
 */
export class CarefulDial {
  readonly #gate: SetUpGate;
  readonly #coolDown: CoolDown;

  constructor(limits: PoolLimits) {
    this.#gate = new SetUpGate(limits);
    this.#coolDown = new CoolDown(limits);
  }

  /**
   * @throws {@link SshError} for what the set-up fails with, and `SshHostCoolingDown` without touching the network; the
   * signal's reason when aborted.
   */
  dial(target: SshTarget, options: DialOptions): Promise<SshConnection> {
    return this.#dial(target, options, true);
  }

  async #dial(target: SshTarget, options: DialOptions, isEnd: boolean): Promise<SshConnection> {
    const host = routeKey(target);
    const cooling = this.#coolDown.remaining(host);
    if (cooling) throw coolingDown(target, cooling);
    const { connect } = options.deadlines;
    // A hop takes no place of its own in the whole: those who hold all of them could be waiting for hops.
    const leave = await this.#gate.enter(host, connect, { signal: options.signal, inAll: isEnd });
    if (!leave) throw coolingDown(target, { remainingMs: connect, failures: 0 });
    try {
      // What happened while this one waited counts too.
      const admission = this.#coolDown.admit(host);
      if (!admission.admitted) throw coolingDown(target, admission);
      return await this.#attempt(host, target, { ...options, dialHop: (hop, more) => this.#dial(hop, more, false) });
    } finally {
      leave();
    }
  }

  async #attempt(host: string, target: SshTarget, options: DialOptions): Promise<SshConnection> {
    const startedAt = performance.now();
    try {
      const connection = await dial(target, options);
      this.#coolDown.succeeded(host);
      return connection;
    } catch (error) {
      const own = error instanceof SshError && error.details.jump === undefined ? error : undefined;
      const remainingMs = this.#coolDown.failed(host, own?.type, startedAt);
      if (own && remainingMs > 0) own.retryAfterMs = remainingMs;
      throw error;
    }
  }
}

/** Tells hosts apart that have the same private address behind different jump hosts or proxy commands. */
function routeKey({ address, port, via, proxyCommand = '' }: SshTarget): string {
  return `${via ? `${routeKey(via)} ` : proxyCommand}${address}:${port}`;
}
