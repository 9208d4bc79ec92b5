import type { SshConnection } from '../ssh-connection';
import type { PooledConnection } from './pooled-connection';

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

/** Takes a place on a connection. */
export function takeLease(pooled: PooledConnection, reused: boolean): Lease {
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
