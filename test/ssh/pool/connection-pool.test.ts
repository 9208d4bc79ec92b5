import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { poolLimits } from '../../../ssh/pool/pool-options';
import type { PoolOptions } from '../../../ssh/pool/pool-options';
import { SshError } from '../../../ssh/ssh-error';
import { assertNothingLeft } from '../../support/handles';
import { startProxy } from '../../support/proxy';
import { startSshd } from '../../support/sshd';
import { exit, startSshScript } from '../../support/ssh-script';
import { startTcpScript } from '../../support/tcp-script';
import { PATIENT, targetOf } from '../support/engine';
import { failure, openPool, run, shared } from './support';
import { reset } from '../../support/reset';

describe('connection pool', () => {
  it('uses a connection again, and says so', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t);
    const first = await run(pool, shared(sshd));
    const second = await run(pool, shared(sshd), 'exit 0');
    assert.deepEqual([first.reused, second.reused, pool.size], [false, true, 1]);
    assert.deepEqual([second.stages.connectMs, second.stages.kexMs], [0, 0]);
    assert.equal(sshd.log().split('Accepted publickey').length - 1, 1);
  });

  it('sets one connection up for steps that begin together, up to its channels', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t, { maxChannels: 4 });
    const results = await Promise.all(Array.from({ length: 10 }, () => run(pool, shared(sshd), 'sleep 0.2')));
    assert.equal(results.filter(({ reused }) => !reused).length, 3);
    assert.equal(sshd.log().split('Accepted publickey').length - 1, 3);
  });

  it('shares nothing between targets that differ, nor where there is no key for it', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t);
    await run(pool, shared(sshd, { shareKey: 'a' }));
    assert.equal((await run(pool, shared(sshd, { shareKey: 'b' }))).reused, false);
    assert.equal((await run(pool, targetOf(sshd))).reused, false);
    assert.equal(pool.size, 2);
  });

  it('with idle 0 closes each connection before its step ends', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t, { idle: 0 });
    await assertNothingLeft(() => run(pool, shared(sshd)), { withinMs: 0 });
    assert.equal(pool.size, 0);
  });

  it('closes a connection that nothing uses for the idle time', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t, { idle: 50 });
    await run(pool, shared(sshd));
    await sshd.waitForLog(/Disconnected from user/);
    assert.equal(pool.size, 0);
  });

  it('takes no connection that is too old', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t, { maxAge: 1 });
    await run(pool, shared(sshd));
    assert.equal((await run(pool, shared(sshd))).reused, false);
  });

  it('forgets a connection that the server has ended meanwhile', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t);
    await run(pool, shared(sshd));
    await sshd.restart();
    assert.equal((await run(pool, shared(sshd))).reused, false);
  });

  it('tries once more on a fresh connection when an old one fails before the command was sent', async (t) => {
    const script = await startSshScript({
      t,
      onSession: (accept, reject, connection) => void (connection === 0 && script.sessions > 1 ? reject() : accept()),
    });
    const pool = openPool(t);
    await run(pool, shared(script), 'one');
    const second = await run(pool, shared(script), 'two');
    assert.equal(second.reused, false);
    assert.deepEqual(script.commands, ['one', 'two']);
  });

  it('never sends a command again that was sent', async (t) => {
    const script = await startSshScript({
      t,
      onExec: ({ command, accept, socket }) => (command === 'one' ? exit(accept(), 0) : reset(socket)),
    });
    const pool = openPool(t);
    await run(pool, shared(script), 'one');
    const error = await failure(run(pool, shared(script), 'two'));
    assert.deepEqual([error.type, error.details.commandMayHaveRun], ['SshConnectionLost', true]);
    assert.deepEqual(script.commands, ['one', 'two']);
  });

  it('learns how many channels a server allows', async (t) => {
    const sshd = await startSshd({ t, config: ['MaxSessions 1'] });
    const pool = openPool(t);
    const both = await Promise.all([run(pool, shared(sshd), 'sleep 0.3'), run(pool, shared(sshd), 'sleep 0.3')]);
    assert.equal(both.length, 2);
    assert.equal(pool.size, 2);
  });

  it('uses no connection again after a failure that leaves it in doubt', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t);
    const slow = run(pool, shared(sshd), 'sleep 20', { deadlines: { ...PATIENT, run: 200 } });
    assert.equal((await failure(slow)).type, 'SshRunTimeout');
    assert.equal((await run(pool, shared(sshd))).reused, false);
    assert.equal((await failure(run(pool, shared(sshd), 'exit 3'))).type, 'SshExitStatus');
    assert.equal((await run(pool, shared(sshd))).reused, true);
  });

  it('goes on with a set-up for the others when one of those who wait is cancelled', async (t) => {
    const sshd = await startSshd({ t });
    const proxy = await startProxy({ t, target: sshd });
    proxy.latencyMs = 100;
    const target = shared({ ...sshd, port: proxy.port });
    const pool = openPool(t);
    const abort = new AbortController();
    const cancelled = run(pool, target, 'true', { signal: abort.signal });
    const other = run(pool, target, 'true');
    const reason = new Error('cancelled');
    abort.abort(reason);
    await assert.rejects(cancelled, reason);
    assert.equal((await other).exitCode, 0);
  });

  it('ends a set-up that nobody waits for any more', async (t) => {
    const server = await startTcpScript(() => undefined, { t });
    const pool = openPool(t);
    const abort = new AbortController();
    await assertNothingLeft(async () => {
      const waiting = run(pool, shared({ ...server, address: '127.0.0.1' }), 'true', { signal: abort.signal });
      await server.connection(0);
      abort.abort(new Error('cancelled'));
      await assert.rejects(waiting, /cancelled/);
    });
  });

  it('judges the host key again before it uses a connection again', async (t) => {
    const sshd = await startSshd({ t });
    const pool = openPool(t);
    let revoked = false;
    const { hostKeys } = targetOf(sshd);
    const check = (key: Buffer): ReturnType<typeof hostKeys.check> =>
      revoked ? { trusted: false, type: 'SshHostKeyRevoked', reason: 'revoked' } : hostKeys.check(key);
    const target = shared(sshd, { hostKeys: { ...hostKeys, check } });
    await run(pool, target);
    revoked = true;
    assert.equal((await failure(run(pool, target))).type, 'SshHostKeyRevoked');
  });

  it('leaves a busy host alone, without touching the network, and comes back', async (t) => {
    const server = await startTcpScript((socket) => socket.end('Exceeded MaxStartups\r\n'), { t });
    const pool = openPool(t);
    const target = shared({ ...server, address: '127.0.0.1' });
    const busy = await failure(run(pool, target));
    assert.equal(busy.type, 'SshServerBusy');
    assert.ok((busy.retryAfterMs ?? 0) >= 2_500 && (busy.retryAfterMs ?? 0) <= 5_000, String(busy.retryAfterMs));
    const error = await failure(run(pool, target));
    assert.equal(error.type, 'SshHostCoolingDown');
    assert.ok((error.details.limitMs ?? 0) > 0 && (error.details.limitMs ?? 0) <= 5_000);
    assert.deepEqual([error.details.commandMayHaveRun, server.sockets.length], [false, 1]);
  });

  it('lets a process end that has only idle connections', async (t) => {
    const sshd = await startSshd({ t });
    const fixture = join(__dirname, 'idle-process.js');
    const { port, clientKeyFile, hostFingerprint, user } = sshd;
    const args = [fixture, String(port), user, clientKeyFile, hostFingerprint];
    const { status, stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
    assert.deepEqual([status, signal, stdout], [0, null, 'done\n'], stderr);
  });

  it('refuses options that are none', () => {
    const bad = { idle: -1, maxAge: 'x', maxChannels: 0, size: 3 } as unknown as PoolOptions;
    assert.throws(
      () => poolLimits(bad),
      (error) =>
        error instanceof SshError && error.message.split('\n').length === 5 && error.type === 'SshConfigInvalid'
    );
  });
});
