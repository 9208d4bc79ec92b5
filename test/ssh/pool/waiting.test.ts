import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, it } from 'node:test';
import { startProxy } from '../../support/proxy';
import { exit, startSshScript } from '../../support/ssh-script';
import { startSshd } from '../../support/sshd';
import { startTcpScript } from '../../support/tcp-script';
import { failure, openPool, outcome, run, shared } from './support';

describe('steps that wait for a connection', () => {
  it('take a place that comes free before, instead of one more connection', async (t) => {
    const script = await startSshScript({ t });
    const pool = openPool(t, { maxSetUps: 1 });
    const ends = await Promise.all(Array.from({ length: 80 }, () => outcome(pool, shared(script))));
    assert.deepEqual([...new Set(ends)], ['ok']);
    assert.equal(script.commands.length, 80);
    // At 8 a connection they would be ten.
    assert.ok(script.sockets.length <= 5, `${script.sockets.length} connections`);
  });

  it('give their worker slot back when it takes long, and only the one that sets up goes on', async (t) => {
    const server = await startTcpScript(() => undefined, { t });
    const pool = openPool(t, { maxWait: 50 });
    const target = shared({ ...server, address: '127.0.0.1' });
    const abort = new AbortController();
    const first = run(pool, target, 'true', { signal: abort.signal });
    const others = Array.from({ length: 5 }, () => failure(run(pool, target)));
    for (const error of await Promise.all(others)) {
      assert.equal(error.type, 'SshHostCoolingDown');
      assert.match(error.message, /as many connections being set up as are allowed, and none came free within \d+ ms/);
      assert.ok((error.retryAfterMs ?? 0) >= 50);
    }
    assert.equal(server.sockets.length, 1);
    abort.abort(new Error('enough'));
    await assert.rejects(first, /enough/);
  });
});

describe('a connection that nobody has used for a while', () => {
  it('is asked for a sign of life, and is not used when none comes', async (t) => {
    const sshd = await startSshd({ t });
    const proxy = await startProxy({ t, target: sshd });
    const pool = openPool(t, {}, { freshMs: 0 });
    const target = shared({ ...sshd, port: proxy.port });
    assert.equal((await run(pool, target)).reused, false);
    assert.equal((await run(pool, target)).reused, true);
    // As a firewall does that has forgotten the connection: the next one passes.
    proxy.drop();
    const [waiting] = [run(pool, target)];
    while (proxy.connections < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    proxy.restore();
    assert.deepEqual([(await waiting).reused, pool.size], [false, 1]);
  });

  it('is not asked while it has just answered', async (t) => {
    const sshd = await startSshd({ t, config: ['LogLevel DEBUG'] });
    const questions = async (freshMs: number): Promise<number> => {
      const from = sshd.log().length;
      const pool = openPool(t, {}, { freshMs });
      for (let step = 0; step < 3; step += 1) await run(pool, shared(sshd));
      await pool.close();
      await sshd.waitForLog(/Disconnected from user|Connection closed by/, { from });
      return sshd.log().slice(from).split('server_input_global_request: rtype').length - 1;
    };
    assert.deepEqual([await questions(60_000), await questions(0)], [0, 2]);
  });
});

describe('what one step teaches the next', () => {
  it('the number of channels that a server allows holds for its next connections too', async (t) => {
    const sshd = await startSshd({ t, config: ['MaxSessions 2', 'LogLevel DEBUG'] });
    const pool = openPool(t);
    const eight = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 8 }, () => outcome(pool, shared(sshd), 'sleep 0.2')));
    await eight();
    const refused = sshd.log().split('no more sessions').length - 1;
    assert.ok(refused > 0, sshd.log());
    await pool.close();
    await eight();
    assert.equal(sshd.log().split('no more sessions').length - 1, refused);
  });
});

describe('the async context of a step', () => {
  it('is not that of the connection, which other steps use', async (t) => {
    const storage = new AsyncLocalStorage<string>();
    const script = await startSshScript({ t, onExec: ({ accept }) => exit(accept(), 0) });
    const pool = openPool(t);
    const seen: (string | undefined)[] = [];
    const observer = { onStage: () => void seen.push(storage.getStore()) };
    await storage.run('first', () => run(pool, shared(script), 'true', { observer }));
    assert.ok(seen.length >= 6, `${seen.length} stages`);
    // Of the stages of the set-up none; those of the command are the step's own until the server's answers come.
    assert.deepEqual([...new Set(seen.slice(0, 4))], [undefined]);
    assert.deepEqual([...new Set(seen.slice(-2))], [undefined]);
  });
});
