import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireProgram } from '../../support/find-program';
import { output } from '../../support/login';
import type { SshTarget } from '../../../ssh/target';
import { checkFailure } from '../support/engine';
import { NOWHERE, counts, syncGround } from './support/sync-ground';
import type { SyncGround } from './support/sync-ground';
import { readTree, writeTree } from './support/trees';

const caught = (error: unknown): unknown => error;
const APP = { 'app.js': 'run()', 'lib/a.js': 'a', 'lib/deep/b.js': 'bb', 'empty/': null };
const TREE = { 'app.js': 'run()', empty: null, lib: null, 'lib/a.js': 'a', 'lib/deep': null, 'lib/deep/b.js': 'bb' };

async function refused(
  ground: SyncGround,
  type: 'SshTransferTargetUnsuitable' | 'SshTransferTooManyDeletes',
  request: Parameters<SyncGround['sync']>[0],
  message: RegExp
): Promise<void> {
  const before = readTree(ground.target);
  const error = await ground.sync(request).catch(caught);
  checkFailure(error, NOWHERE as unknown as SshTarget, { type, stage: 'run', message });
  assert.deepEqual(readTree(ground.target), before);
}

void test('a directory that is not there is made with all that the source has, then nothing is sent', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, APP);
  const first = await ground.sync();
  assert.equal(counts(first), '+3 ~0 -0 =0');
  assert.deepEqual([first.files, first.bytes, first.transferredBytes], [3, 8, 8]);
  assert.deepEqual(first.changes, ['+ app.js', '+ empty/', '+ lib/', '+ lib/a.js', '+ lib/deep/', '+ lib/deep/b.js']);
  assert.deepEqual(readTree(ground.target), TREE);
  const sent = ground.files.calls['writeWhole'];
  const second = await ground.sync();
  assert.equal(counts(second), '+0 ~0 -0 =3');
  assert.deepEqual([second.transferredBytes, second.changes, second.path], [0, [], ground.target]);
  assert.equal(ground.files.calls['writeWhole'], sent);
});

void test('another size and another content of the same size are updated, and only they', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, APP);
  await ground.sync();
  writeTree(ground.target, { 'app.js': 'RUN()', 'lib/a.js': 'longer' });
  const { changes, ...result } = await ground.sync();
  assert.equal(counts({ changes, ...result }), '+0 ~2 -0 =1');
  assert.deepEqual(changes, ['~ app.js', '~ lib/a.js']);
  assert.equal(result.transferredBytes, 6);
  assert.deepEqual(readTree(ground.target), TREE);
});

void test('permissions follow the source or the request, without the content being sent again', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { run: '#!', data: 'd' });
  chmodSync(join(ground.source, 'run'), 0o4755);
  const mode = (name: string): number => statSync(join(ground.target, name)).mode & 0o7777;
  await ground.sync();
  assert.deepEqual([mode('run'), mode('data')], [0o755, 0o644]);
  chmodSync(join(ground.source, 'data'), 0o640);
  const adjusted = await ground.sync();
  assert.deepEqual([counts(adjusted), adjusted.transferredBytes, mode('data')], ['+0 ~1 -0 =1', 0, 0o640]);
  await ground.sync({ fileMode: 0o600 });
  assert.deepEqual([mode('run'), mode('data')], [0o600, 0o600]);
});

void test('without delete nothing is removed; with it what the source lacks, directories that are empty then too', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, APP);
  writeTree(ground.target, { old: 'x', 'gone/x': 'x', 'gone/y/z': 'x', 'hollow/': null });
  symlinkSync('/etc/passwd', join(ground.target, 'dangling'));
  assert.equal(counts(await ground.sync()), '+3 ~0 -0 =0');
  const { changes, ...result } = await ground.sync({ delete: true });
  assert.equal(counts({ changes, ...result }), '+0 ~0 -4 =3');
  assert.deepEqual(changes, ['- dangling', '- gone/', '- gone/x', '- gone/y/', '- gone/y/z', '- hollow/', '- old']);
  assert.deepEqual(readTree(ground.target), TREE);
});

void test('what is excluded, not included or no file is never removed, nor what it is in', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { 'a.js': 'a', 'logs/mine': 'm' });
  writeTree(ground.target, { 'logs/app.log': 'l', 'var/cache/x': 'x', 'var/y': 'y', 'pipes/z': 'z' });
  await output([requireProgram('mkfifo'), join(ground.target, 'pipes/fifo')]);
  const result = await ground.sync({ delete: true, exclude: ['logs', '**/cache/'] });
  assert.deepEqual(result.changes, ['+ a.js', '- pipes/z', '- var/y']);
  rmSync(join(ground.target, 'pipes/fifo'));
  writeTree(ground.target, { 'b.js': 'b', 'old/c.js': 'c', 'readme.md': 'r', 'docs/x.md': 'x' });
  const partial = await ground.sync({ delete: true, include: ['**/*.js'] });
  assert.deepEqual(partial.changes, ['- b.js', '- old/', '- old/c.js']);
});

void test('more removals than allowed are refused before anything is changed', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, APP);
  writeTree(ground.target, { one: '1', two: '2', 'd/three': '3' });
  const request = { delete: true, maxDelete: 2 };
  await refused(ground, 'SshTransferTooManyDeletes', request, /would lose 3 files of .*target, such as d\/three/);
  assert.equal(counts(await ground.sync({ delete: true, maxDelete: 3 })), '+3 ~0 -3 =0');
});

void test('a dry run tells what would be done, and does nothing', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, APP);
  const empty = await ground.sync({ dryRun: true, delete: true });
  assert.deepEqual([counts(empty), empty.transferredBytes], ['+3 ~0 -0 =0', 0]);
  assert.equal(lstatSync(ground.target, { throwIfNoEntry: false }), undefined);
  writeTree(ground.target, { 'app.js': 'RUN()', 'old/x': 'x' });
  const before = readTree(ground.target);
  const { changes } = await ground.sync({ dryRun: true, delete: true });
  const made = ['+ empty/', '+ lib/', '+ lib/a.js', '+ lib/deep/', '+ lib/deep/b.js'];
  assert.deepEqual(
    changes,
    [...made, '- old/', '- old/x', '~ app.js'].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1))
  );
  assert.deepEqual(readTree(ground.target), before);
  assert.deepEqual(Object.keys(ground.files.calls).sort(), ['digests', 'stat']);
});

void test('kinds that differ are refused before anything is changed, but a link in the place of a file is replaced', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { file: 'new', 'dir/x': 'x' });
  writeTree(ground.target, { 'file/inner': 'i' });
  await refused(ground, 'SshTransferTargetUnsuitable', { delete: true }, /has a directory at .*\/file, where/);
  rmSync(join(ground.target, 'file'), { recursive: true });
  // Of the same size as the file, and leading to the same content.
  writeTree(ground.target, { els: 'new' });
  symlinkSync('els', join(ground.target, 'file'));
  symlinkSync('.', join(ground.target, 'dir'));
  await refused(ground, 'SshTransferTargetUnsuitable', {}, /has a link at .*\/dir, where the source has a directory/);
  rmSync(join(ground.target, 'dir'));
  assert.equal(counts(await ground.sync()), '+1 ~1 -0 =0');
  assert.deepEqual(readTree(ground.target), { dir: null, 'dir/x': 'x', els: 'new', file: 'new' });
});

void test('a target that is a link to a directory is followed; a file is refused', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { a: 'a' });
  mkdirSync(`${ground.target}-1`);
  symlinkSync(`${ground.target}-1`, ground.target);
  assert.equal((await ground.sync()).path, `${ground.target}-1`);
  rmSync(ground.target);
  writeFileSync(ground.target, 'file');
  const error = await ground.sync().catch(caught);
  const expected = { type: 'SshTransferTargetUnsuitable', stage: 'run', message: /no directory at/ } as const;
  checkFailure(error, NOWHERE as unknown as SshTarget, expected);
});

void test('unfinished copies of other steps stay for a week, those of names alike are files', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { a: 'a', '.b.0123456789abcdef.part': 'mine' });
  const old = '.d.0123456789abcdef.part';
  writeTree(ground.target, { '.c.0123456789abcdef.part': 'c', [old]: 'd', '.c.part': 'x' });
  utimesSync(join(ground.target, old), 1, 1);
  const { changes } = await ground.sync({ delete: true });
  assert.deepEqual(changes, ['+ .b.0123456789abcdef.part', '- .c.part', `- ${old}`, '+ a']);
});

void test('only the first 100 changes are listed, and all are counted', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${1_000 + i}`, `${i}`])));
  const { changes, created } = await ground.sync();
  assert.deepEqual([created, changes.length, changes[0], changes[99]], [300, 100, '+ f1000', '+ f1099']);
});
