import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toApplicationFailure } from '../../../activities/to-application-failure';
import { startSshScript } from '../../support/ssh-script';
import { startTcpScript } from '../../support/tcp-script';
import { startWireServer } from '../support/wire-server';
import { failure, openPool, run, shared } from './support';

describe('a password that is offered and never answered', () => {
  it('is not offered again for a growing time, and the step may come back', async (t) => {
    const script = await startSshScript({
      t,
      onAuth: (context, connection) => {
        if (context.method === 'password') script.sockets[connection]?.destroy();
        else context.reject(['password']);
      },
    });
    const pool = openPool(t);
    const target = shared(script, { auth: [{ type: 'password', password: 'maybe wrong' }] });
    assert.equal((await failure(run(pool, target))).type, 'SshConnectionLost');
    for (let step = 0; step < 3; step += 1) {
      const error = await failure(run(pool, target));
      assert.deepEqual([error.type, error.retryable], ['SshHostCoolingDown', true]);
      assert.match(error.message, /ended a connection without a word on the password/);
      assert.ok((error.retryAfterMs ?? 0) > 30_000 && (error.retryAfterMs ?? 0) <= 60_000);
    }
    assert.equal(script.authMethods.filter((method) => method === 'password').length, 1);
  });

  it('is refused for good where the server says so while it disconnects', async (t) => {
    const script = await startWireServer(t, {
      onAuth: (context, wire) => {
        if (context.method === 'password') wire.disconnect(14, 'Too many failed logins');
        else context.reject(['password']);
      },
    });
    const pool = openPool(t);
    const target = shared(script, { auth: [{ type: 'password', password: 'wrong' }] });
    assert.equal((await failure(run(pool, target))).type, 'SshAuthFailed');
    assert.equal((await failure(run(pool, target))).details.stage, 'config');
  });

  it('is not taken for refused because of what a banner tells everybody', async (t) => {
    const banner = 'If your account is locked, call the help desk. Password expired? See the intranet.\n';
    const script = await startSshScript({
      t,
      server: { banner },
      onAuth: (context, connection) => {
        if (context.method === 'password') script.sockets[connection]?.destroy();
        else context.reject(['password']);
      },
    });
    const target = shared(script, { auth: [{ type: 'password', password: 'right' }] });
    const error = await failure(run(openPool(t), target));
    assert.deepEqual([error.type, /help desk/.test(error.message)], ['SshConnectionLost', true]);
  });
});

describe('a jump host in trouble', () => {
  it('tells the steps behind it when to come back', async (t) => {
    const web = await startSshScript({ t });
    const server = await startTcpScript((socket) => socket.end('Exceeded MaxStartups\r\n'), { t });
    const pool = openPool(t);
    const via = shared({ ...web, port: server.port }, { name: 'bastion', shareKey: 'bastion' });
    for (const type of ['SshServerBusy', 'SshHostCoolingDown']) {
      const error = await failure(run(pool, shared(web, { shareKey: 'both', via })));
      assert.deepEqual([error.type, error.details.jump], [type, 'bastion']);
      assert.ok((error.retryAfterMs ?? 0) > 1_000, String(error.retryAfterMs));
      const told = toApplicationFailure(error, { idempotent: false, attempt: 1 });
      assert.ok(Number(told.nextRetryDelay) > 1_000, String(told.nextRetryDelay));
    }
  });

  it('that is silent is left alone, also if the time of the host behind it is over first', async (t) => {
    const web = await startSshScript({ t });
    const server = await startTcpScript(() => undefined, { t });
    const pool = openPool(t);
    const via = shared({ ...web, port: server.port }, { name: 'bastion', shareKey: 'bastion' });
    const ends: string[] = [];
    const deadlines = { connect: 200, banner: 9_000, kex: 9_000, auth: 9_000, channel: 9_000, exec: 9_000 };
    for (let step = 0; step < 4; step += 1) {
      const error = await failure(run(pool, shared(web, { shareKey: 'both', via }), 'true', { deadlines }));
      ends.push(error.type);
    }
    assert.deepEqual(ends.slice(0, 2), ['SshConnectTimeout', 'SshConnectTimeout']);
    assert.deepEqual(ends.slice(2), ['SshHostCoolingDown', 'SshHostCoolingDown']);
    assert.equal(server.sockets.length, 2);
  });
});
