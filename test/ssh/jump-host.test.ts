import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SshTarget } from '../../ssh/target';
import { freePort } from '../support/free-port';
import { assertNothingLeft } from '../support/handles';
import { startProxy } from '../support/proxy';
import { startSshd } from '../support/sshd';
import { startTcpScript } from '../support/tcp-script';
import { checkFailure, exec, targetOf } from './support/engine';
import type { ServerLike } from './support/engine';

const caught = (error: unknown): unknown => error;

function hop(server: ServerLike, overrides: Partial<SshTarget> = {}): SshTarget {
  return targetOf(server, { name: 'bastion', ...overrides });
}

describe('jump hosts', () => {
  it('lead to the host, and nothing of either is left afterwards', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const target = targetOf(web, { via: hop(bastion) });
    const result = await assertNothingLeft(() =>
      exec(target, 'echo through; exit 3', { request: { okExitCodes: [3] } })
    );
    assert.deepEqual([result.stdout, result.hostKeyFingerprint], ['through\n', web.hostFingerprint]);
    assert.match(bastion.log(), /Accepted publickey/);
    assert.match(web.log(), /Accepted publickey/);
  });

  it('lead on to the next, as many as there are, with large output', async (t) => {
    const [outer, inner, web] = [await startSshd({ t }), await startSshd({ t }), await startSshd({ t })];
    const target = targetOf(web, { via: hop(inner, { name: 'inner', via: hop(outer, { name: 'outer' }) }) });
    const result = await assertNothingLeft(() => exec(target, 'head -c 5000000 /dev/zero'));
    assert.equal(result.stdoutBytes, 5_000_000);
    assert.match(outer.log(), /Accepted publickey/);
    assert.match(inner.log(), /Accepted publickey/);
  });

  it('are verified each, before anything goes through them', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const wrong = { hostFingerprint: `SHA256:${'B'.repeat(43)}` };
    const atHop = targetOf(web, { via: hop({ ...bastion, ...wrong }) });
    const error = checkFailure(await exec(atHop).catch(caught), atHop, { type: 'SshHostKeyMismatch', stage: 'kex' });
    assert.equal(error.details.jump, 'bastion');
    assert.match(error.message, /web-1 .* through jump host bastion: bastion /);
    assert.doesNotMatch(bastion.log(), /Accepted/);
    assert.doesNotMatch(web.log(), /Connection from/);

    const atEnd = targetOf({ ...web, ...wrong }, { via: hop(bastion) });
    const end = checkFailure(await exec(atEnd).catch(caught), atEnd, { type: 'SshHostKeyMismatch', stage: 'kex' });
    assert.equal(end.details.jump, undefined);
  });

  it('are refused in the middle of a chain, and what lies behind is never reached', async (t) => {
    const [outer, inner, web] = [await startSshd({ t }), await startSshd({ t }), await startSshd({ t })];
    const wrong = hop({ ...inner, hostFingerprint: outer.hostFingerprint }, { name: 'inner', via: hop(outer) });
    const target = targetOf(web, { via: wrong });
    const error = await assertNothingLeft(() => exec(target).catch(caught));
    const { details, message } = checkFailure(error, target, { type: 'SshHostKeyMismatch', stage: 'kex' });
    assert.equal(details.jump, 'inner');
    assert.ok(message.includes(inner.hostFingerprint) && message.includes(outer.hostFingerprint));
    assert.match(outer.log(), /Accepted publickey/);
    assert.doesNotMatch(inner.log(), /Accepted|publickey/);
    assert.doesNotMatch(web.log(), /Connection from/);
  });

  it('that do not forward are refused as such, and a host behind them that refuses too', async (t) => {
    const [bastion, web] = [await startSshd({ t, config: ['AllowTcpForwarding no'] }), await startSshd({ t })];
    const forbidden = targetOf(web, { via: hop(bastion) });
    const refusal = await exec(forbidden).catch(caught);
    checkFailure(refusal, forbidden, { type: 'SshChannelRefused', stage: 'connect', message: /jump host bastion/ });

    const open = await startSshd({ t });
    const closed = targetOf({ ...web, port: await freePort() }, { via: hop(open) });
    const refused = await exec(closed).catch(caught);
    checkFailure(refused, closed, { type: 'SshConnectRefused', stage: 'connect', message: /from jump host bastion/ });
  });

  it('that say nothing are given up when the deadline for connect has passed', async (t) => {
    const silent = await startTcpScript((socket) => void socket.on('end', () => socket.end()), { t });
    const web = await startSshd({ t });
    const target = targetOf(web, { via: hop({ ...web, port: silent.port }) });
    const error = await assertNothingLeft(() => exec(target, 'true', { deadlines: { connect: 400 } }).catch(caught));
    const { details } = checkFailure(error, target, { type: 'SshConnectTimeout', stage: 'connect' });
    assert.equal(details.limitMs, 400);
  });

  it('that go away take the command with them', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const proxy = await startProxy({ t, target: bastion });
    const target = targetOf(web, { via: hop({ ...bastion, port: proxy.port }) });
    const error = await assertNothingLeft(() =>
      exec(target, 'echo begun; sleep 600', { onOutput: () => proxy.rst() }).catch(caught)
    );
    checkFailure(error, target, { type: 'SshConnectionLost', stage: 'run', commandMayHaveRun: true });
  });

  it('are left when the step is cancelled, on the way and at the end', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const silent = await startTcpScript((socket) => void socket.on('end', () => socket.end()), { t });
    const reason = new Error('cancelled');
    const [early, late] = [new AbortController(), new AbortController()];
    await assertNothingLeft(async () => {
      const target = targetOf(web, { via: hop({ ...bastion, port: silent.port }) });
      const waiting = exec(target, 'true', { signal: early.signal });
      await silent.connection(0);
      early.abort(reason);
      await assert.rejects(waiting, reason);
    });
    await assertNothingLeft(async () => {
      const target = targetOf(web, { via: hop(bastion) });
      const running = exec(target, 'echo begun; sleep 600', {
        signal: late.signal,
        onOutput: () => late.abort(reason),
      });
      await assert.rejects(running, reason);
    });
  });
});
