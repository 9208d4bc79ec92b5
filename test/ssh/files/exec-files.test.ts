import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { SHELLS, setUpSkipReason } from '../job/support/set-up';
import { ExecFilesHost, all, ofType } from './exec-files-host';

for (const shell of SHELLS) {
  const skip = setUpSkipReason(shell);

  test(`facts, attributes and names: ${shell}`, { skip }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    const path = host.put('-a b', 'abc', 0o640);
    await files.setAttributes(path, { mode: 0o4751, owner: '12:34', mtime: 1_234_567_890.9 });
    const facts = { kind: 'file', size: 3, mode: 0o4751, uid: 12, gid: 34, mtime: 1_234_567_890 } as const;
    assert.deepEqual(await files.stat(path), facts);
    await files.setAttributes(path, { owner: 'root' });
    await files.setAttributes(path, { owner: ':0' });
    assert.deepEqual(await files.stat(path), { ...facts, mode: 0o751, uid: 0, gid: 0 });
    await files.setAttributes(path, {});
    await assert.rejects(files.setAttributes(path, { owner: 'no-such-user' }), ofType('SshInvalidOptions'));
    await assert.rejects(files.setAttributes(host.path('none'), { mode: 0 }), ofType('SshTransferNotFound'));
    symlinkSync('-a b', host.path('link'));
    assert.equal((await files.stat(host.path('link')))?.kind, 'link');
    assert.equal((await files.stat(host.directory))?.kind, 'directory');
    assert.equal((await files.stat('/dev/null'))?.kind, 'other');
    assert.equal(await files.stat(host.path('none')), undefined);
    assert.equal(await files.stat(`${path}/below`), undefined);
  });

  test(`links are followed to where they lead: ${shell}`, { skip }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    mkdirSync(host.path('real dir'));
    symlinkSync('real dir', host.path('dir\n'));
    symlinkSync('dir\n/file', host.path('link'));
    assert.equal(await files.resolve(host.path('link')), host.path('real dir', 'file'));
    host.put('real dir/file', '');
    assert.equal(await files.resolve(host.path('link')), host.path('real dir', 'file'));
    assert.equal(await files.resolve(host.path('dir\n', 'new\n')), host.path('real dir', 'new\n'));
    assert.equal(await files.resolve('/'), '/');
    assert.equal(await files.resolve('/new-at-the-top'), '/new-at-the-top');
    assert.equal(await files.resolve('below home'), `${host.home}/below home`);
    symlinkSync('circle', host.path('circle'));
    await assert.rejects(files.resolve(host.path('circle')), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.resolve(host.path('none', 'file')), ofType('SshTransferNotFound'));
  });

  test(`a file takes the place of another, and of nothing else: ${shell}`, { skip }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    const [from, to, kept] = [host.put('-from', 'new'), host.put('to', 'old'), host.path('kept')];
    await files.keep(to, kept);
    assert.equal(statSync(kept).ino, statSync(to).ino);
    await assert.rejects(files.keep(to, kept), ofType('SshTransferFailed'));
    await files.replace(from, to);
    assert.equal(host.read('to').toString(), 'new');
    assert.equal(host.read('kept').toString(), 'old');
    assert.equal(existsSync(from), false);
    mkdirSync(host.path('dir'));
    symlinkSync('dir', host.path('to-dir'));
    for (const name of ['dir', 'to-dir']) {
      await assert.rejects(files.replace(to, host.path(name)), ofType('SshTransferTargetUnsuitable'));
      await assert.rejects(files.keep(to, host.path(name)), ofType('SshTransferFailed'));
    }
    assert.deepEqual(readdirSync(host.path('dir')), []);
    await assert.rejects(files.write(host.path('dir'), 0), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.writeWhole(host.path('dir'), Buffer.from('x')), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(all(files.read(host.path('dir'), 0)), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(all(files.read('/dev/zero', 0)), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.digest(host.path('dir'), 1), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.replace(host.path('none'), to), ofType('SshTransferNotFound'));
    await files.remove(to);
    await files.remove(to);
    assert.equal(existsSync(to), false);
    await assert.rejects(files.remove(host.path('dir')), ofType('SshTransferTargetUnsuitable'));
  });

  test(`directories are made, listed and removed: ${shell}`, { skip }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    await files.makeDirectory(host.path('a', '-b\nc'), 0o750);
    assert.equal(statSync(host.path('a')).mode & 0o7777, 0o750);
    assert.equal(statSync(host.path('a', '-b\nc')).mode & 0o7777, 0o750);
    chmodSync(host.path('a'), 0o700);
    await files.makeDirectory(host.path('a'), 0o1777);
    assert.equal(statSync(host.path('a')).mode & 0o7777, 0o700);
    await files.makeDirectory(host.path('s'), 0o1777);
    assert.equal(statSync(host.path('s')).mode & 0o7777, 0o1777);
    for (const name of ['x', '-b\nc/y\n', '-b\nc/ü"\'', '-b\nc/back\\slash']) host.put(`a/${name}`, name);
    symlinkSync('/', host.path('a', 'root'));
    const found = new Map((await all(files.list(host.path('a')))).map(({ path, facts }) => [path, facts]));
    const names = ['-b\nc', '-b\nc/back\\slash', '-b\nc/y\n', '-b\nc/ü"\'', 'root', 'x'];
    assert.deepEqual([...found.keys()].sort(), names.sort());
    assert.equal(found.get('x')?.size, 1);
    assert.equal(found.get('root')?.kind, 'link');
    assert.equal(found.get('-b\nc')?.kind, 'directory');
    assert.deepEqual(await all(files.list(host.path('none'))), []);
    assert.deepEqual(await all(files.list(host.path('s'))), []);
    await assert.rejects(all(files.list(host.path('a', 'x'))), ofType('SshTransferTargetUnsuitable'));
    await files.removeDirectory(host.path('a'));
    await files.removeDirectory(host.path('none'));
    await files.removeDirectory(host.path('s'));
    assert.equal(existsSync(host.path('s')), false);
    assert.equal(existsSync(host.path('a', 'x')), true);
    await assert.rejects(files.removeDirectory(host.path('a', 'x')), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.makeDirectory(host.path('a', 'x', 'y'), 0o755), ofType('SshTransferTargetUnsuitable'));
  });

  test(`what a command leaves: ${shell}`, { skip }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    const end = await files.run('echo out; echo err >&2; exit 3');
    assert.deepEqual(
      { ...end, stdout: undefined },
      { exitCode: 3, stdoutTail: 'out\n', stderrTail: 'err\n', stdout: undefined }
    );
    assert.equal((await files.run('kill -9 $$')).exitCode, null);
    const long = await files.run('i=0; while [ $i -lt 1000 ]; do echo 12345678; i=$((i+1)); done');
    assert.equal(long.stdoutTail.length, 2_048);
  });
}
