import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assertNothingLeft } from '../../support/handles';
import { PLAIN_SHELL, directoryOf, openFiles } from './sftp-ground';
import { startProxy } from '../../support/proxy';
import { startSshd } from '../../support/sshd';
import { failure, openPool, outcome, shared } from '../pool/support';
import { PATIENT } from '../support/engine';
import { content } from './transfer-ground';

const sftpServer = '/usr/lib/openssh/sftp-server';

describe('a transfer by SFTP that is interrupted', () => {
  it('ends with the reason of its signal, and closes its channel and connection', async (t) => {
    const server = await startSshd({ t, ...PLAIN_SHELL });
    const path = join(directoryOf(t), 'part');
    await assertNothingLeft(async () => {
      const pool = openPool(t);
      const controller = new AbortController();
      const files = await openFiles(t, server, { pool, signal: controller.signal });
      const writer = await files.write(path, 0);
      const reason = new Error('stop');
      await writer.write(content(3_000_000));
      controller.abort(reason);
      for (const late of [writer.finish(), writer.write(content(1)), files.stat(path), files.digest(path, 1)]) {
        await assert.rejects(late, (error) => error === reason);
      }
      await writer.abandon();
      await files.close();
      assert.equal(pool.size, 0);
      await assert.rejects(openFiles(t, server, { pool, signal: controller.signal }), (error) => error === reason);
      await pool.close();
    });
  });

  it('tells that the connection was lost', async (t) => {
    const server = await startSshd({ t, ...PLAIN_SHELL });
    const path = join(directoryOf(t), 'part');
    for (const cut of ['fin', 'rst'] as const) {
      const proxy = await startProxy({ t, target: server });
      await assertNothingLeft(async () => {
        const files = await openFiles(t, { ...server, port: proxy.port });
        const writer = await files.write(path, 0);
        await writer.write(content(1_000_000));
        proxy[cut]();
        const error = await failure(
          (async () => {
            for (;;) await writer.write(content(1_000_000));
          })()
        );
        assert.equal(error.type, 'SshConnectionLost', error.message);
        assert.equal((await failure(writer.finish())).type, 'SshConnectionLost');
        await writer.abandon();
        await files.close();
      });
      await proxy.stop();
    }
  });

  it('does not wait for a server that has fallen silent', async (t) => {
    const server = await startSshd({ t, ...PLAIN_SHELL });
    const path = join(directoryOf(t), 'part');
    const proxy = await startProxy({ t, target: server });
    await assertNothingLeft(async () => {
      const files = await openFiles(t, { ...server, port: proxy.port }, { deadlines: { ...PATIENT, idle: 400 } });
      const writer = await files.write(path, 0);
      proxy.drop();
      const error = await failure(
        (async () => {
          for (;;) await writer.write(content(1_000_000));
        })()
      );
      assert.equal(error.type, 'SshIdleTimeout', error.message);
      assert.equal(error.details.limitMs, 400);
      await writer.abandon();
      await files.close();
      await proxy.stop();
    });
  });

  it('opens no channel that nobody waits for any more', async (t) => {
    const server = await startSshd({ t, ...PLAIN_SHELL });
    const proxy = await startProxy({ t, target: server });
    const target = { ...server, port: proxy.port };
    const pool = openPool(t);
    assert.equal(await outcome(pool, shared(target)), 'ok');
    proxy.drop();
    const error = await failure(
      openFiles(t, target, { pool, deadlines: { ...PATIENT, channel: 200, connect: 200, banner: 200 } })
    );
    assert.match(error.type, /^Ssh(ChannelTimeout|BannerTimeout|ConnectTimeout)$/);
    proxy.restore();
    await pool.close();
  });

  it('tells that the server has ended the session', async (t) => {
    const server = await startSshd({ t, ...PLAIN_SHELL, config: [`Subsystem sftp ${sftpServer}`] });
    const pool = openPool(t);
    const files = await openFiles(t, server, { pool });
    const pid = execFileSync('pgrep', ['-f', '-n', `^${sftpServer}$`, '--ns', `${server.pid}`])
      .toString()
      .trim();
    process.kill(Number(pid), 'SIGKILL');
    const error = await failure(
      (async () => {
        for (;;) await files.stat('/');
      })()
    );
    assert.equal(error.type, 'SshConnectionLost', error.message);
    await files.close();
  });
});
