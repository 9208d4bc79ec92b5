import assert from 'node:assert/strict';
import type { SshDeadlines } from '../../../../contract';
import { dial } from '../../../../ssh/dial';
import { ConnectionPool } from '../../../../ssh/pool/connection-pool';
import { execOnPool } from '../../../../ssh/pool/exec-on-pool';
import { poolLimits } from '../../../../ssh/pool/pool-options';
import { runExec } from '../../../../ssh/run-exec';
import { StageClock } from '../../../../ssh/stage-clock';
import type { SshTarget } from '../../../../ssh/target';
import { startProxy } from '../../../support/proxy';
import { startSshd } from '../../../support/sshd';
import { request, targetOf } from '../../support/engine';
import type { ServerLike } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Scene } from '../row';
import { shared } from '../support/shared';
import { onlyDeadlines } from '../support/wire-row';

const one = shared(() => startSshd({ config: ['MaxSessions 1'] }));
const many = shared(() => startSshd());

interface PoolGround {
  readonly pool: ConnectionPool;
  readonly target: SshTarget;
  readonly run: (command: string, onOutput?: () => void) => ReturnType<typeof execOnPool>;
}

function openPool(ground: CatalogueGround, server: ServerLike): PoolGround {
  const pool = new ConnectionPool(poolLimits());
  ground.t.after(() => pool.close());
  const target = targetOf(server, { shareKey: 'catalogue' });
  const deadlines = onlyDeadlines(ground, []);
  const run: PoolGround['run'] = (command, onOutput) =>
    execOnPool(pool, target, request(command), { deadlines, ...(onOutput && { onOutput }) });
  return { pool, target, run };
}

/** Runs a command that does not end by itself, and resolves once it runs. */
async function occupy({ run }: PoolGround): Promise<void> {
  return new Promise((resolve, reject) => {
    run('echo begun; sleep 600', resolve).catch(reject);
  });
}

/** Several sessions on one connection, and connections that have gone stale. */
export const POOL_ROWS: readonly CatalogueRow[] = [
  {
    name: 'pool-second-session-refused',
    what: 'a second session on one connection is refused, as by MaxSessions 1',
    expect: { ends: 'failure', stage: 'channel', type: 'SshChannelOpenFailed', serverText: /open failed/ },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const target = targetOf(await one(ground.t));
      const deadlines = onlyDeadlines(ground, []);
      const connection = await dial(target, { deadlines });
      ground.t.after(() => connection.close());
      const run = (command: string, onOutput?: () => void): ReturnType<typeof runExec> => {
        const more = { signal: undefined, attempt: 1, reused: true, ...(onOutput && { onOutput }) };
        return runExec(connection, request(command), { clock: new StageClock(target, deadlines), ...more });
      };
      return {
        target,
        run: async () => {
          await new Promise<void>((resolve, reject) => {
            run('echo begun; sleep 600', resolve).catch(reject);
          });
          return run('true');
        },
        // The first one goes on.
        check: () => assert.equal(connection.lost, false),
      };
    },
  },
  {
    name: 'sshd-maxsessions-1-pool',
    what: 'OpenSSH: MaxSessions 1, and two steps at a time: the second gets a connection of its own',
    expect: { ends: 'success' },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const pool = openPool(ground, await one(ground.t));
      return {
        target: pool.target,
        run: async () => {
          await occupy(pool);
          const second = await pool.run('true');
          assert.deepEqual([second.reused, pool.pool.size], [false, 2]);
          return second;
        },
      };
    },
  },
  {
    name: 'pool-connection-reset-while-idle',
    what: 'a middlebox has reset the connection that the step finds in the pool: it gets a fresh one',
    expect: { ends: 'success' },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const server = await many(ground.t);
      const proxy = await startProxy({ t: ground.t, target: server });
      const pool = openPool(ground, { ...server, port: proxy.port });
      return {
        target: pool.target,
        run: async () => {
          await pool.run('true');
          proxy.rst();
          const result = await pool.run('exit 0');
          assert.equal(proxy.connections, 2);
          return result;
        },
      };
    },
  },
  {
    name: 'pool-connection-vanished-while-idle',
    what: 'a firewall has forgotten the connection that the step finds in the pool: after the deadline a fresh one',
    expect: { ends: 'success' },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const server = await many(ground.t);
      const proxy = await startProxy({ t: ground.t, target: server });
      const { pool, target } = openPool(ground, { ...server, port: proxy.port });
      let dropped = false;
      const patient = onlyDeadlines(ground, []);
      const deadlines: SshDeadlines = {
        ...patient,
        // Short for the dead connection only: a machine that is busy is no firewall.
        get channel() {
          return dropped ? ground.deadlines.channel : patient.channel;
        },
      };
      const onStage = (stage: string): void => {
        // What is set up anew passes.
        if (!dropped || stage !== 'connect') return;
        dropped = false;
        proxy.restore();
      };
      const run = (): ReturnType<typeof execOnPool> =>
        execOnPool(pool, target, request('exit 0'), { deadlines, observer: { onStage } });
      return {
        target,
        run: async () => {
          await run();
          proxy.drop();
          dropped = true;
          const result = await run();
          assert.deepEqual([proxy.connections, result.reused], [2, false]);
          return result;
        },
      };
    },
  },
];
