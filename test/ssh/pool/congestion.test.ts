import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import type { PoolOptions } from '../../../ssh/pool/pool-options';
import { startSshd } from '../../support/sshd';
import { startTcpScript } from '../../support/tcp-script';
import { targetOf } from '../support/engine';
import { outcome } from './support';

function poolOf(options: PoolOptions = {}): ConnectionPool {
  return new ConnectionPool(poolLimits(options));
}

const PENALTY = 'Not allowed at this time\r\n';

describe('a congested host', () => {
  it('is not hammered by many steps that begin together', async (t) => {
    const server = await startTcpScript((socket) => socket.end(PENALTY), { t });
    const target = targetOf({ ...server, address: '127.0.0.1' });
    const pool = poolOf({ idle: 0 });
    const ends = await Promise.all(Array.from({ length: 100 }, () => outcome(pool, target)));
    // Those that were let through before the first answer came, and none after it.
    assert.ok(server.sockets.length <= 4, `${server.sockets.length} connections`);
    assert.equal(ends.filter((type) => type === 'SshServerPenalty').length, server.sockets.length);
    assert.equal(ends.filter((type) => type === 'SshHostCoolingDown').length, 100 - server.sockets.length);
  });

  it('that is a jump host is left alone for all that is behind it', async (t) => {
    const server = await startTcpScript((socket) => socket.end(PENALTY), { t });
    const web = await startSshd({ t });
    const bastion = targetOf({ ...web, port: server.port }, { name: 'bastion' });
    const pool = poolOf();
    const ends: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      ends.push(await outcome(pool, targetOf(web, { name: `web-${index}`, shareKey: `${index}`, via: bastion })));
    }
    assert.deepEqual(ends, ['SshServerPenalty', ...Array.from({ length: 4 }, () => 'SshHostCoolingDown')]);
    assert.equal(server.sockets.length, 1);
  });

  it('is not taken for another of the same address behind another jump host', async (t) => {
    const server = await startTcpScript((socket) => socket.end(PENALTY), { t });
    const [web, open] = [await startSshd({ t }), await startSshd({ t })];
    const bad = targetOf({ ...web, port: server.port }, { name: 'bad' });
    const good = targetOf(open, { name: 'good' });
    const pool = poolOf();
    assert.equal(await outcome(pool, targetOf(web, { shareKey: 'a', via: bad })), 'SshServerPenalty');
    assert.equal(await outcome(pool, targetOf(web, { shareKey: 'b', via: good })), 'ok');
    assert.equal(await outcome(pool, targetOf(web, { shareKey: 'c' })), 'ok');
    await pool.close();
  });
});

describe('a shared connection through a jump host', () => {
  it('is not used again once the key of the jump host is revoked', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    let revoked = false;
    const { hostKeys } = targetOf(bastion);
    const check = (key: Buffer): ReturnType<typeof hostKeys.check> =>
      revoked ? { trusted: false, type: 'SshHostKeyRevoked', reason: 'revoked' } : hostKeys.check(key);
    const via = targetOf(bastion, { name: 'bastion', hostKeys: { ...hostKeys, check } });
    const target = targetOf(web, { shareKey: 'x', via });
    const pool = poolOf();
    assert.equal(await outcome(pool, target), 'ok');
    revoked = true;
    assert.equal(await outcome(pool, target), 'SshHostKeyRevoked');
    await pool.close();
  });
});
