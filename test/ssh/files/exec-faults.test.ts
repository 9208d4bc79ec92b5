import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HostFiles } from '../../../ssh/files/host-files';
import { findProgram } from '../../support/find-program';
import { assertNothingLeft } from '../../support/handles';
import { startProxy } from '../../support/proxy';
import { makeScratch } from '../../support/scratch';
import { eventually } from '../job/servers/job-server';
import { SHELLS, setUpSkipReason } from '../job/support/set-up';
import { ExecFilesHost, all, bytesOf, ofType } from './exec-files-host';

async function put(files: HostFiles, path: string, bytes: Buffer): Promise<void> {
  const writer = await files.write(path, 0);
  for (let at = 0; at < bytes.length; at += 100_000) await writer.write(bytes.subarray(at, at + 100_000));
  await writer.finish();
}

/** Writes until the host says why it takes no more. */
async function flood(files: HostFiles, path: string): Promise<void> {
  const writer = await files.write(path, 0);
  for (;;) await writer.write(Buffer.alloc(262_144, 1));
}

for (const shell of SHELLS) {
  test(`file systems that take nothing: ${shell}`, { skip: setUpSkipReason(shell) }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    const full = host.mount('full', 'size=1m');
    const locked = host.mount('locked', 'size=1m');
    host.inside('touch', join(locked, 'there'));
    host.inside('mount', '-o', 'remount,ro', locked);
    await assert.rejects(flood(files, join(full, 'big')), ofType('SshTransferNoSpace'));
    await assert.rejects(files.writeWhole(join(full, 'whole'), Buffer.alloc(200_000)), ofType('SshTransferNoSpace'));
    await files.remove(join(full, 'whole'));
    await files.remove(join(full, 'big'));
    await put(files, join(full, 'fits'), bytesOf(500_000));
    await assert.rejects(files.write(join(locked, 'new'), 0), ofType('SshTransferReadOnly'));
    await assert.rejects(files.setAttributes(join(locked, 'there'), { mode: 0o600 }), ofType('SshTransferReadOnly'));
    await assert.rejects(files.replace(join(locked, 'there'), join(locked, 'to')), ofType('SshTransferReadOnly'));
    await assert.rejects(files.makeDirectory(join(locked, 'dir'), 0o755), ofType('SshTransferReadOnly'));
    const missing = host.path('none', 'file');
    await assert.rejects(files.write(missing, 0), ofType('SshTransferNotFound'));
    await assert.rejects(files.writeWhole(missing, Buffer.from('x')), ofType('SshTransferNotFound'));
    await assert.rejects(all(files.read(missing, 0)), ofType('SshTransferNotFound'));
    await assert.rejects(all(files.read(missing, 5)), ofType('SshTransferNotFound'));
    await assert.rejects(files.digest(missing, 5), ofType('SshTransferNotFound'));
    await assert.rejects(files.write(host.path('n'.repeat(256)), 0), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.write(host.path('n\0'), 0), ofType('SshInvalidOptions'));
    await assert.rejects(files.stat(host.path('n\udcff')), ofType('SshInvalidOptions'));
    const digests = await files.digests([host.path('n\0'), host.path('n\udcff')]);
    assert.equal(digests.size, 0);
  });
}

test('a name that is not UTF-8 is refused by name', { skip: setUpSkipReason('dash') }, async (t) => {
  const host = await ExecFilesHost.start(t);
  const files = await host.open();
  mkdirSync(host.path('dir'));
  writeFileSync(Buffer.concat([Buffer.from(host.path('dir', 'bad-')), Buffer.from([0xff])]), '');
  await assert.rejects(all(files.list(host.path('dir'))), (error: Error) => {
    assert.match(error.message, /not UTF-8, "bad-\ufffd", below/);
    return ofType('SshTransferFailed')(error);
  });
});

test('a remote user without rights is told so', { skip: setUpSkipReason('dash') }, async (t) => {
  const { path } = makeScratch({ t });
  chmodSync(path, 0o755);
  const login = join(path, 'login');
  const become = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
  writeFileSync(login, `#!/bin/sh\nexec ${become} /bin/sh "$@"\n`, { mode: 0o755 });
  const host = await ExecFilesHost.start(t, { login });
  const files = await host.open();
  chmodSync(host.directory, 0o755);
  const closed = host.put('closed', 'x', 0o600);
  const refused = ofType('SshTransferPermissionDenied');
  await assert.rejects(all(files.read(closed, 0)), refused);
  await assert.rejects(files.digest(closed, 1), refused);
  await assert.rejects(files.write(host.path('new'), 0), refused);
  await assert.rejects(files.write(closed, 0), refused);
  await assert.rejects(files.writeWhole(host.path('new'), Buffer.from('x')), refused);
  await assert.rejects(files.setAttributes(closed, { mode: 0o666 }), refused);
  await assert.rejects(files.setAttributes(closed, { owner: 'nobody' }), refused);
  await assert.rejects(files.replace(closed, host.path('to')), refused);
  await assert.rejects(files.remove(closed), refused);
  await assert.rejects(files.makeDirectory(host.path('dir'), 0o755), refused);
  assert.deepEqual(await files.digests([closed]), new Map());
  mkdirSync(host.path('shut'), { mode: 0o700 });
  await assert.rejects(files.stat(host.path('shut', 'file')), refused);
  await assert.rejects(files.resolve(host.path('shut', 'file')), refused);
  await assert.rejects(all(files.list(host.path('shut'))), refused);
  await assert.rejects(all(files.list(host.directory)), refused);
});

for (const login of ['dash', 'bash', 'zsh', 'fish', 'tcsh', 'mksh']) {
  const program = findProgram(login);
  const skip = program === undefined ? `${login} is not installed` : setUpSkipReason('dash');
  test(`start-up files that print are not taken for answers: ${login}`, { skip }, async (t) => {
    const host = await ExecFilesHost.start(t, { login: program ?? '' });
    const noise = 'echo "0123456789 end 0"; echo noise >&2\n';
    for (const name of ['.bashrc', '.zshenv', '.tcshrc', '.cshrc', '.config/fish/config.fish', '.profile']) {
      mkdirSync(join(host.home, name, '..'), { recursive: true });
      writeFileSync(join(host.home, name), noise);
    }
    const files = await host.open();
    const bytes = bytesOf(100_000);
    await put(files, host.path("it's !a $file"), bytes);
    assert.ok(host.read("it's !a $file").equals(bytes));
    assert.ok(Buffer.concat(await all(files.read(host.path("it's !a $file"), 0))).equals(bytes));
    assert.equal((await files.digest(host.path("it's !a $file"), 100_000)).by, 'host');
    await assert.rejects(all(files.read(host.path('none'), 0)), ofType('SshTransferNotFound'));
  });
}

test('an account without a shell has no files', { skip: setUpSkipReason('dash') }, async (t) => {
  const host = await ExecFilesHost.start(t, { login: '/bin/false' });
  await assert.rejects(host.open(), ofType('SshTransferUnsupported'));
});

test(
  'a cut connection, an abort and a silent server end what is under way',
  { skip: setUpSkipReason('dash') },
  async (t) => {
    const host = await ExecFilesHost.start(t);
    host.put('big', bytesOf(20_000_000));
    const proxy = await startProxy({ t, target: host.server });
    await assertNothingLeft(async () => {
      const files = await host.open({ through: proxy });
      const writer = await files.write(host.path('cut'), 0);
      await writer.write(Buffer.alloc(300_000));
      proxy.rst();
      await assert.rejects(writer.finish(), ofType('SshConnectionLost'));
      await assert.rejects(writer.write(Buffer.alloc(1)), ofType('SshConnectionLost'));
      await writer.abandon();
      await assert.rejects(async () => {
        for await (const chunk of files.read(host.path('big'), 0)) if (chunk.length > 0) proxy.fin();
      }, ofType('SshConnectionLost'));

      const reason = new Error('no longer wanted');
      const abort = new AbortController();
      const given = await host.open({ signal: abort.signal });
      const written = await given.write(host.path('aborted'), 0);
      await written.write(Buffer.alloc(10));
      const reading = async (): Promise<void> => {
        for await (const chunk of given.read(host.path('big'), 0)) if (chunk.length > 0) abort.abort(reason);
      };
      for (const acting of await Promise.allSettled([given.run('sleep 1000'), reading()])) {
        assert.deepEqual(acting, { status: 'rejected', reason });
      }
      await assert.rejects(written.finish(), (error) => error === reason);

      const silent = await host.open({ through: proxy, deadlines: { idle: 3_000 } });
      const stuck = await silent.write(host.path('stuck'), 0);
      proxy.drop();
      await stuck.write(Buffer.alloc(100_000));
      await assert.rejects(stuck.finish(), ofType('SshIdleTimeout'));
      proxy.restore();
      await host.close();
    });
  }
);

test('a source that takes its time is not the silence of the host', { skip: setUpSkipReason('dash') }, async (t) => {
  const host = await ExecFilesHost.start(t);
  const idle = 2_000;
  const files = await host.open({ deadlines: { idle } });
  const writer = await files.write(host.path('slow'), 0);
  await writer.write(Buffer.alloc(10));
  const since = Date.now();
  await eventually(() => writer.acknowledged === 10, 'the host never said what it has');
  // Its last word is longer ago than what it is allowed in a row.
  await eventually(() => Date.now() - since > 3 * idle, 'time stands still');
  await writer.write(Buffer.alloc(10));
  await writer.finish();
  assert.equal(writer.acknowledged, 20);
  assert.equal(host.read('slow').length, 20);
});
