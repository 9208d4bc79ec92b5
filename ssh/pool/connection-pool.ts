import { AsyncResource } from 'node:async_hooks';
import type { SshDeadlines } from '../../contract';
import type { DialObserver } from '../dial';
import type { SshConnection } from '../ssh-connection';
import { SshError } from '../ssh-error';
import { NO_TELEMETRY } from '../telemetry';
import type { SshTelemetry } from '../telemetry';
import type { SshTarget } from '../target';
import { CarefulDial } from './careful-dial';
import { ChannelLimits } from './channel-limits';
import { setUpsUnderWay } from './cooling-down';
import { takeLease } from './lease';
import type { Lease } from './lease';
import { PooledConnection } from './pooled-connection';
import type { PoolLimits } from './pool-options';
import { serverChannels } from './server-channels';
import { SharedSetUp } from './shared-set-up';

/** What a step borrows a connection with. */
export interface BorrowOptions {
  readonly deadlines: SshDeadlines;
  readonly signal?: AbortSignal | undefined;
  readonly observer?: DialObserver | undefined;
  /** Not one that is there already. @default false */
  readonly fresh?: boolean;
}

/**
 * The connections of one worker.
 *
 * Steps with the same address, user, credentials and host-key policy share connections, up to `maxChannels` each; a
 * connection that is being set up is waited for, not doubled, and whoever waits takes a place that comes free before.
 * Set-ups are limited for each host, and a host that refuses them is left alone for a growing time.
 */
export class ConnectionPool {
  readonly #connections = new Map<string, Set<PooledConnection>>();
  readonly #settingUp = new Map<string, Set<SharedSetUp>>();
  readonly #dial: CarefulDial;
  readonly #channels: ChannelLimits;
  /** A socket's events run in the async context of whoever opened it; that must not be the activity that came first. */
  readonly #context = new AsyncResource('temporal-ssh.ConnectionPool');
  /** Counts the times that the pool was closed: what was begun before is not kept. */
  #generation = 0;
  #open = 0;
  #inUse = 0;

  constructor(
    private readonly limits: PoolLimits,
    readonly telemetry: SshTelemetry = NO_TELEMETRY
  ) {
    this.#dial = new CarefulDial(limits, telemetry);
    this.#channels = new ChannelLimits(limits.maxChannels);
  }

  /** Connections that are open, in use or not. */
  get size(): number {
    return this.#open;
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
    if (key === undefined || this.limits.idleMs === 0) {
      return takeLease(await this.#setUp(target, options, signal), false);
    }
    for (let there = fresh ? undefined : this.#available(key); there; there = this.#available(key)) {
      const lease = takeLease(there, true);
      if (await this.#isAlive(there, target)) return lease;
      await lease.release(false);
      signal?.throwIfAborted();
    }
    return this.#share(key, target, options);
  }

  /** Closes all connections, those in use too. The pool can be used again afterwards. */
  async close(): Promise<void> {
    this.#generation += 1;
    for (const setUps of this.#settingUp.values()) for (const setUp of setUps) setUp.abort(poolClosed());
    await Promise.all(this.#all().map((pooled) => pooled.close('shutdown')));
  }

  #all(): PooledConnection[] {
    return [...this.#connections.values()].flatMap((connections) => [...connections]);
  }

  #available(key: string): PooledConnection | undefined {
    return [...(this.#connections.get(key) ?? [])].find(({ available }) => available);
  }

  async #isAlive(pooled: PooledConnection, { name }: SshTarget): Promise<boolean> {
    const startedAt = performance.now();
    const alive = await pooled.isAlive();
    const ms = Math.round(performance.now() - startedAt);
    if (ms > 0) this.telemetry.waited(name, 'liveness', ms);
    return alive;
  }

  async #share(shareKey: string, target: SshTarget, options: BorrowOptions): Promise<Lease> {
    const { connect, banner, kex, auth } = options.deadlines;
    const kind = [connect, banner, kex, auth, options.fresh ?? false].join(' ');
    const setUps = this.#settingUp.get(shareKey) ?? [];
    const under = [...setUps].find((setUp) => setUp.kind === kind && setUp.hasRoom);
    const setUp = under ?? this.#begin(shareKey, kind, target, options);
    const startedAt = performance.now();
    const waitMs = under && this.limits.maxWaitMs;
    const lease = await setUp.join({ signal: options.signal, observer: options.observer, waitMs });
    const waitedMs = Math.round(performance.now() - startedAt);
    if (under && waitedMs > 0) this.telemetry.waited(target.name, 'shared-set-up', waitedMs);
    if (lease === 'full') return this.borrow(target, options);
    if (lease) return lease;
    this.telemetry.turnedAway(target.name, 'host');
    throw setUpsUnderWay(target, waitedMs);
  }

  #begin(shareKey: string, kind: string, target: SshTarget, options: BorrowOptions): SharedSetUp {
    const setUp = new SharedSetUp(
      kind,
      options.fresh ?? false,
      (signal, observer) => this.#setUp(target, { ...options, observer }, signal),
      this.#channels.of(shareKey),
      (pooled, first) => takeLease(pooled, !first)
    );
    const setUps = this.#settingUp.get(shareKey) ?? new Set();
    this.#settingUp.set(shareKey, setUps.add(setUp));
    setUp.onEnd(() => {
      setUps.delete(setUp);
      if (setUps.size === 0 && this.#settingUp.get(shareKey) === setUps) this.#settingUp.delete(shareKey);
    });
    return setUp;
  }

  async #setUp(target: SshTarget, options: BorrowOptions, signal: AbortSignal | undefined): Promise<PooledConnection> {
    const generation = this.#generation;
    const { deadlines, observer } = options;
    const more = { ...(signal && { signal }), ...(observer && { observer }) };
    const connection = await this.#context.runInAsyncScope(() => this.#dial.dial(target, { deadlines, ...more }));
    return this.#keep(generation === this.#generation ? target.shareKey : undefined, connection);
  }

  #keep(shareKey: string | undefined, connection: SshConnection): PooledConnection {
    const key = shareKey ?? '';
    const connections = this.#connections.get(key) ?? new Set();
    this.#connections.set(key, connections);
    const count = (open: number, inUse: number): void => {
      this.#open += open;
      this.#inUse += inUse;
      this.telemetry.connections(this.#open, this.#inUse);
    };
    const most = serverChannels(connection.facts.identification);
    if (most !== undefined && shareKey !== undefined) this.#channels.learn(key, most);
    const pooled: PooledConnection = new PooledConnection(connection, {
      // What cannot be shared ends with its step.
      idleMs: shareKey === undefined ? 0 : this.limits.idleMs,
      maxAgeMs: this.limits.maxAgeMs,
      freshMs: this.limits.freshMs,
      maxChannels: Math.min(this.#channels.of(key), most ?? Infinity),
      onGone: (why) => {
        connections.delete(pooled);
        if (connections.size === 0 && this.#connections.get(key) === connections) this.#connections.delete(key);
        this.telemetry.connectionClosed(connection.facts.target.name, why);
        count(-1, pooled.inUse ? -1 : 0);
      },
      onUse: (inUse) => count(0, inUse ? 1 : -1),
      ...(shareKey !== undefined && {
        onRoom: () => this.#offer(key, pooled),
        onFull: (channels: number) => this.#channels.learn(key, channels),
      }),
    });
    connections.add(pooled);
    count(1, 0);
    pooled.watch();
    return pooled;
  }

  /** Gives places on a connection to steps that wait for others to be set up. */
  #offer(shareKey: string, pooled: PooledConnection): void {
    const all = [...(this.#settingUp.get(shareKey) ?? [])];
    // First those that do not dial yet: one that nobody waits for any more is a connection less.
    for (const setUp of [...all.filter(({ dials }) => !dials), ...all.filter(({ dials }) => dials)]) {
      while (pooled.available && setUp.offer(pooled));
    }
  }
}

/** For steps that wait for a connection while the last worker ends. Another worker can run them. */
function poolClosed(): SshError {
  return new SshError('SshConnectionLost', {
    message: 'the worker ended while a connection was being set up; another attempt can succeed',
    details: { stage: 'connect', host: '', elapsedMs: 0, commandMayHaveRun: false },
  });
}
