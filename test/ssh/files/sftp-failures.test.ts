import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { DROPBEAR_SFTP_SERVER, PLAIN_SHELL, directoryOf, openFiles, readAll, writeAll } from './sftp-ground';
import { startDropbear } from '../../support/dropbear';
import { privateFilesSkipReason } from '../../support/private-files';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { failure, openPool, outcome, shared } from '../pool/support';
import { content, namesIn } from './transfer-ground';

const sftpServer = '/usr/lib/openssh/sftp-server';
const mounts = privateFilesSkipReason();

/** Mounts a file system of its own below a directory, until the test ends. */
function mounted(t: TestContext, options: string): string {
  const scratch = makeScratch();
  const directory = scratch.path;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]);
  t.after(() => {
    execFileSync('umount', ['-l', directory]);
    scratch.remove();
  });
  return directory;
}

describe('a host that cannot take a file by SFTP', () => {
  it('is full', { skip: mounts }, async (t) => {
    // First: the server's own mount namespace has what is there when it starts.
    const directory = mounted(t, 'size=1m');
    const files = await openFiles(t, await startSshd({ t, ...PLAIN_SHELL }));
    const path = join(directory, 'part');
    const error = await failure(writeAll(files, path, content(8_000_000)));
    assert.equal(error.type, 'SshTransferNoSpace', error.message);
    assert.equal(error.details.stage, 'run');
    await files.remove(path);
    assert.deepEqual(namesIn(directory), []);
    await files.writeWhole(path, content(100_000));
  });

  it('has no inodes left', { skip: mounts }, async (t) => {
    // First: the server's own mount namespace has what is there when it starts.
    const directory = mounted(t, 'nr_inodes=2');
    const files = await openFiles(t, await startSshd({ t, ...PLAIN_SHELL }));
    await files.writeWhole(join(directory, 'one'), content(1));
    const error = await failure(files.writeWhole(join(directory, 'two'), content(1)));
    assert.equal(error.type, 'SshTransferNoSpace', error.message);
  });

  it('is mounted read-only', { skip: mounts }, async (t) => {
    // First: the server's own mount namespace has what is there when it starts.
    const directory = mounted(t, 'size=1m');
    writeFileSync(join(directory, 'old'), 'old');
    execFileSync('mount', ['-o', 'remount,ro', directory]);
    const files = await openFiles(t, await startSshd({ t, ...PLAIN_SHELL }));
    const old = join(directory, 'old');
    for (const refused of [
      () => files.write(join(directory, 'part'), 0),
      () => files.remove(old),
      () => files.makeDirectory(join(directory, 'new'), 0o755),
      () => files.setAttributes(old, { mode: 0o600 }),
    ]) {
      const error = await failure(refused());
      assert.equal(error.type, 'SshTransferReadOnly', error.message);
    }
  });

  it('denies permission', { skip: process.getuid?.() !== 0 && 'only root can be another user' }, async (t) => {
    // The server's files as those of another user, whom sshd may log in.
    const server = await startSshd({
      t,
      ...PLAIN_SHELL,
      config: [`ForceCommand setpriv --reuid 65534 --clear-groups ${sftpServer}`],
    });
    const files = await openFiles(t, server);
    const directory = directoryOf(t);
    chmodSync(directory, 0o755);
    const secret = join(directory, 'secret');
    writeFileSync(secret, 'secret', { mode: 0o600 });
    for (const refused of [
      () => files.write(join(directory, 'part'), 0),
      () => files.write(secret, 0),
      () => files.remove(secret),
      () => readAll(files.read(secret, 0)),
      () => files.setAttributes(secret, { owner: '65534:65534' }),
      () => files.makeDirectory(join(directory, 'a'), 0o755),
    ]) {
      const error = await failure(refused());
      assert.equal(error.type, 'SshTransferPermissionDenied', error.message);
    }
    assert.deepEqual(namesIn(directory), ['secret']);
  });

  it('has no SFTP subsystem, and its connection can be used on', async (t) => {
    const servers = [
      await startSshd({ t, ...PLAIN_SHELL, config: ['Subsystem sftp /nowhere/sftp-server'] }),
      await startSshd({ t, ...PLAIN_SHELL, config: ['ForceCommand echo This account is not available'] }),
    ];
    for (const server of servers) {
      const error = await failure(openFiles(t, server));
      assert.equal(error.type, 'SshTransferUnsupported', error.message);
      assert.equal(error.retryable, false);
    }
    const [server] = servers;
    const pool = openPool(t);
    assert.ok(server);
    await failure(openFiles(t, server, { pool }));
    assert.equal(await outcome(pool, shared(server)), 'ok');
    assert.equal(pool.size, 1);
  });

  it('is a Dropbear without it', { skip: mounts }, async (t) => {
    const empty = directoryOf(t);
    writeFileSync(join(empty, 'none'), '');
    const within = ['unshare', '-m', 'sh', '-c', 'mount --bind "$1" "$2" && shift 2 && exec "$@"', 'sh'];
    const server = await startDropbear({
      t,
      ...PLAIN_SHELL,
      within: [...within, join(empty, 'none'), DROPBEAR_SFTP_SERVER],
    });
    const error = await failure(openFiles(t, server));
    assert.equal(error.type, 'SshTransferUnsupported', error.message);
  });
});

describe('owners by SFTP', { skip: process.getuid?.() !== 0 && 'only root gives files away' }, () => {
  it('are set by number and by name', async (t) => {
    const files = await openFiles(t, await startSshd({ t, ...PLAIN_SHELL }));
    const path = join(directoryOf(t), 'file');
    writeFileSync(path, '');
    const owner = (): readonly number[] => [statSync(path).uid, statSync(path).gid];
    await files.setAttributes(path, { owner: '12:34' });
    assert.deepEqual(owner(), [12, 34]);
    await files.setAttributes(path, { owner: ':56' });
    assert.deepEqual(owner(), [12, 56]);
    await files.setAttributes(path, { owner: 'root' });
    assert.deepEqual(owner(), [0, 56]);
    chownSync(path, 1, 2);
    await files.setAttributes(path, { owner: 'root:root' });
    assert.deepEqual(owner(), [0, 0]);
    const error = await failure(files.setAttributes(path, { owner: 'nobody-of-that-name' }));
    assert.equal(error.type, 'SshInvalidOptions', error.message);
  });
});
