import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import { NO_TELEMETRY } from '../../../ssh/telemetry';
import { freePort } from '../../support/free-port';
import { startSshScript } from '../../support/ssh-script';
import { startSshd } from '../../support/sshd';
import { targetOf } from '../support/engine';
import { failure, run, shared } from './support';

/** A pool with what it has told of failures, stages and bytes. */
function observed(t: TestContext): { readonly pool: ConnectionPool; readonly told: string[] } {
  const told: string[] = [];
  const pool = new ConnectionPool(poolLimits(), {
    ...NO_TELEMETRY,
    failed: (host, type, stage) => told.push(`${host} ${type} ${stage}`),
    stageDone: (host, stage) => told.push(`${host} ${stage}`),
    transferred: (host, { stdout, stderr, stdin }) => told.push(`${host} ${stdout}/${stderr}/${stdin}`),
  });
  t.after(() => pool.close());
  return { pool, told };
}

const SET_UP = ['connect', 'banner', 'kex', 'auth'];

describe('what the pool tells of its steps', () => {
  it('the stages and bytes of a command, and of a second one on the same connection', async (t) => {
    const { pool, told } = observed(t);
    const target = shared(await startSshd({ t }));
    await run(pool, target, 'printf abc; printf de >&2');
    const stages = [...SET_UP, 'channel', 'exec', 'run'].map((stage) => `${target.name} ${stage}`);
    assert.deepEqual(told.splice(0), [...stages, `${target.name} 3/2/0`]);
    // An exit code is an end: the stage `run` was as good as any.
    await failure(run(pool, target, 'exit 3'));
    const again = [...stages.slice(4), `${target.name} 0/0/0`, `${target.name} SshExitStatus run`];
    assert.deepEqual(told, again);
  });

  it('a stage that ended badly is a failure, and no duration', async (t) => {
    const { pool, told } = observed(t);
    const server = await startSshScript({ t, fault: { stage: 'run', how: 'rst' } });
    const target = shared(server);
    await failure(run(pool, target));
    const { name } = target;
    const stages = [...SET_UP, 'channel', 'exec'].map((stage) => `${name} ${stage}`);
    assert.deepEqual(told, [...stages, `${name} 0/0/0`, `${name} SshConnectionLost run`]);
  });

  it('a failure at a jump host once, as its own; one behind it as that of the host behind', async (t) => {
    const { pool, told } = observed(t);
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const down = { ...bastion, port: await freePort() };
    await failure(run(pool, shared(web, { via: targetOf(down, { name: 'bastion' }) })));
    assert.deepEqual(told.splice(0), ['bastion SshConnectRefused connect']);
    const behind = shared({ ...web, port: await freePort() }, { via: targetOf(bastion, { name: 'bastion' }) });
    await failure(run(pool, behind));
    assert.deepEqual(told, [...SET_UP.map((stage) => `bastion ${stage}`), `${behind.name} SshConnectRefused connect`]);
  });

  it('steps that wait for one set-up have one failure, and a cancelled one has none', async (t) => {
    const { pool, told } = observed(t);
    const closed = await startSshScript({ t, fault: { stage: 'banner', how: 'fin' } });
    const target = shared(closed);
    await Promise.all([1, 2, 3].map(() => failure(run(pool, target))));
    assert.deepEqual(told.splice(0), [`${target.name} connect`, `${target.name} SshBannerClosed banner`]);

    const silent = shared(await startSshScript({ t, fault: { stage: 'run', how: 'silence' } }));
    const abort = new AbortController();
    const running = run(pool, silent, 'true', { signal: abort.signal, onSent: () => abort.abort(new Error('enough')) });
    await assert.rejects(running, /enough/);
    assert.deepEqual(
      told.filter((line) => line.includes('Ssh')),
      []
    );
  });
});
