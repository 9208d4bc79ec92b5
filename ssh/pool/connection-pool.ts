import type { SshDeadlines } from '../../contract';
import type { DialObserver } from '../dial';
import type { SshConnection } from '../ssh-connection';
import { SshError } from '../ssh-error';
import type { SshTarget } from '../target';
import { CarefulDial } from './careful-dial';
import { PooledConnection } from './pooled-connection';
import type { PoolLimits } from './pool-options';
import { SharedSetUp } from './shared-set-up';

/** What a step borrows a connection with. */
export interface BorrowOptions {
  readonly deadlines: SshDeadlines;
  readonly signal?: AbortSignal | undefined;
  readonly observer?: DialObserver | undefined;
  /** Not one that is there already. @default false */
  readonly fresh?: boolean;
}

/** A place on a connection. */
export interface Lease {
  readonly connection: SshConnection;
  /** Another step has set the connection up. */
  readonly reused: boolean;
  /** The server has no room for another channel on this connection. */
  full(): void;
  /** Gives the place back, once; `sound` tells whether the connection can be used again. */
  release(sound: boolean): Promise<void>;
}

/**
 * The connections of one worker.
 *
 * Steps with the same address, user, credentials and host-key policy share connections, up to `maxChannels` each; a
 * connection that is being set up is waited for, not doubled. Set-ups are limited for each host, and a host that
 * refuses them is left alone for a growing time.
 */
export class ConnectionPool {
  readonly #connections = new Map<string, Set<PooledConnection>>();
  readonly #settingUp = new Map<string, SharedSetUp>();
  readonly #dial: CarefulDial;
  /** Counts the times that the pool was closed: what was begun before is not kept. */
  #generation = 0;

  constructor(private readonly limits: PoolLimits) {
    this.#dial = new CarefulDial(limits);
  }

  /** Connections that are open, in use or not. */
  get size(): number {
    let size = 0;
    for (const connections of this.#connections.values()) size += connections.size;
    return size;
  }

  /**
   * A place on a connection to the target.
   *
   * @throws {@link SshError} for what setting it up fails with; `SshHostCoolingDown` without touching the network; the
   * signal's reason when aborted.
   */
  async borrow(target: SshTarget, options: BorrowOptions): Promise<Lease> {
    const { signal, fresh = false } = options;
    signal?.throwIfAborted();
    const key = target.shareKey;
    if (key === undefined || this.limits.idleMs === 0) return lease(await this.#setUp(target, options, signal), false);
    if (!fresh) {
      const there = [...(this.#connections.get(key) ?? [])].find(({ available }) => available);
      if (there) return lease(there, true);
    }
    return this.#share(key, target, options);
  }

  /** Closes all connections, those in use too. The pool can be used again afterwards. */
  async close(): Promise<void> {
    this.#generation += 1;
    for (const setUp of this.#settingUp.values()) setUp.abort(poolClosed());
    const all = [...this.#connections.values()].flatMap((connections) => [...connections]);
    await Promise.all(all.map((pooled) => pooled.close()));
  }

  async #share(shareKey: string, target: SshTarget, options: BorrowOptions): Promise<Lease> {
    // Steps with other deadlines would be held to those of the first.
    const { connect, banner, kex, auth } = options.deadlines;
    const key = [shareKey, connect, banner, kex, auth, options.fresh ?? false].join(' ');
    let setUp = this.#settingUp.get(key);
    const first = !setUp?.hasRoom;
    if (!setUp?.hasRoom) {
      setUp = new SharedSetUp(
        (signal, observer) => this.#setUp(target, { ...options, observer }, signal),
        this.limits.maxChannels
      );
      const mine = setUp;
      this.#settingUp.set(key, mine);
      mine.onEnd(() => this.#settingUp.get(key) === mine && this.#settingUp.delete(key));
    }
    return lease(await setUp.join(options), !first);
  }

  async #setUp(target: SshTarget, options: BorrowOptions, signal: AbortSignal | undefined): Promise<PooledConnection> {
    const generation = this.#generation;
    const { deadlines, observer } = options;
    const more = { ...(signal && { signal }), ...(observer && { observer }) };
    const connection = await this.#dial.dial(target, { deadlines, ...more });
    return this.#keep(generation === this.#generation ? target.shareKey : undefined, connection);
  }

  #keep(shareKey: string | undefined, connection: SshConnection): PooledConnection {
    const key = shareKey ?? '';
    const connections = this.#connections.get(key) ?? new Set();
    this.#connections.set(key, connections);
    // What cannot be shared ends with its step.
    const limits = shareKey === undefined ? { ...this.limits, idleMs: 0 } : this.limits;
    const pooled: PooledConnection = new PooledConnection(connection, limits, this.limits.maxChannels, () => {
      connections.delete(pooled);
      if (connections.size === 0 && this.#connections.get(key) === connections) this.#connections.delete(key);
    });
    connections.add(pooled);
    pooled.watch();
    return pooled;
  }
}

function lease(pooled: PooledConnection, reused: boolean): Lease {
  pooled.take();
  let given = false;
  return {
    connection: pooled.connection,
    reused,
    full: () => pooled.full(),
    release: async (sound) => {
      if (given) return;
      given = true;
      await pooled.give(sound);
    },
  };
}

/** For steps that wait for a connection while the last worker ends. Another worker can run them. */
function poolClosed(): SshError {
  return new SshError('SshConnectionLost', {
    message: 'the worker ended while a connection was being set up; another attempt can succeed',
    details: { stage: 'connect', host: '', elapsedMs: 0, commandMayHaveRun: false },
  });
}
