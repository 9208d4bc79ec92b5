import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SshFailureType, SshStage } from '../../../contract';
import type { SshTarget } from '../../../ssh/target';
import { requireProgram } from '../../support/find-program';
import { output } from '../../support/login';
import { checkFailure } from '../support/engine';
import { NOWHERE, syncGround } from './support/sync-ground';
import type { SyncGround } from './support/sync-ground';
import { readTree, writeTree } from './support/trees';

async function refused(
  attempt: Promise<unknown>,
  type: SshFailureType,
  message: RegExp,
  stage: SshStage = 'config'
): Promise<void> {
  const error = await attempt.then(
    () => Promise.reject(new Error('succeeded')),
    (reason: unknown) => reason
  );
  checkFailure(error, NOWHERE as unknown as SshTarget, { type, stage, message });
}

async function takes(ground: SyncGround, globs: Parameters<SyncGround['sync']>[0]): Promise<readonly string[]> {
  rmSync(ground.target, { recursive: true, force: true });
  await ground.sync(globs);
  return Object.keys(readTree(ground.target));
}

void test('globs choose by whole paths, exclude goes before include', async (t) => {
  const ground = syncGround({ t });
  const names = ['a.js', 'b.log', '.env', 'lib/c.js', 'lib/d.log', 'lib/.e.js', 'node_modules/x/f.js', '!g', 'h[1]'];
  writeTree(ground.source, Object.fromEntries(names.map((name) => [name, 'x'])));
  assert.deepEqual(await takes(ground, { include: ['*.js'] }), ['a.js']);
  assert.deepEqual(await takes(ground, { include: ['**/*.js'], exclude: ['node_modules'] }), [
    'a.js',
    'lib',
    'lib/.e.js',
    'lib/c.js',
  ]);
  assert.deepEqual(await takes(ground, { include: ['lib/**'], exclude: ['**/*.log'] }), [
    'lib',
    'lib/.e.js',
    'lib/c.js',
  ]);
  assert.deepEqual(await takes(ground, { exclude: ['{lib,node_modules}/', '*.{js,log}'] }), ['!g', '.env', 'h[1]']);
  assert.deepEqual(await takes(ground, { include: ['!g', 'h\\[1\\]'] }), ['!g', 'h[1]']);
});

void test('links to files of the directory are files, others are refused unless excluded', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { 'v1/app': 'app', 'other/secret': 's' });
  symlinkSync('v1/app', join(ground.source, 'current'));
  await ground.sync();
  assert.equal(readTree(ground.target)['current'], 'app');
  const outside = `${ground.source}-outside`;
  writeFileSync(outside, 'outside');
  for (const [to, message] of [
    [outside, /app:source\/link, a link that leads out of the directory/],
    ['../source-outside', /leads out/],
    ['/etc/hostname', /leads out/],
    ['nothing', /leads nowhere/],
    ['link', /leads nowhere/],
    ['v1', /a link to what is no file/],
    ['.', /leads out of the directory/],
  ] as const) {
    symlinkSync(to, join(ground.source, 'link'));
    await refused(ground.sync(), 'SshTransferNotAllowed', message);
    await ground.sync({ exclude: ['link'] });
    rmSync(join(ground.source, 'link'));
  }
  symlinkSync('other/secret', join(ground.source, 'link'));
  await refused(ground.sync({ exclude: ['other'] }), 'SshTransferNotAllowed', /a link to what is excluded/);
});

void test('what is no file, and names that are no UTF-8, are refused', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { a: 'a' });
  await output([requireProgram('mkfifo'), join(ground.source, 'fifo')]);
  await refused(ground.sync(), 'SshTransferNotAllowed', /app:source\/fifo, which is no file; it can be excluded/);
  await ground.sync({ exclude: ['fifo'] });
  rmSync(join(ground.source, 'fifo'));
  writeFileSync(Buffer.concat([Buffer.from(`${ground.source}/caf`), Buffer.from([0xe9])]), 'x');
  await refused(ground.sync(), 'SshTransferNotAllowed', /app:source\/café, whose name is no UTF-8/);
});

void test('a source that is not there, or is a file', async (t) => {
  const ground = syncGround({ t });
  await refused(ground.sync(), 'SshTransferSourceNotFound', /app:source, which is no directory of this worker/);
  writeFileSync(ground.source, 'x');
  await refused(ground.sync(), 'SshTransferSourceNotFound', /no directory/);
});

void test('a file that changes after the directory was read is not sent', async (t) => {
  const ground = syncGround({ t });
  const file = join(ground.source, 'b');
  const changes: Record<string, () => void> = {
    grown: () => writeFileSync(file, 'bb'),
    'same size': () => writeFileSync(file, 'B'),
    gone: () => rmSync(file),
    replaced: () => {
      writeFileSync(`${file}.new`, 'b');
      utimesSync(`${file}.new`, 1, 1);
      renameSync(`${file}.new`, file);
    },
    'a link now': () => {
      rmSync(file);
      symlinkSync('/etc/hostname', file);
    },
    'a directory now': () => {
      rmSync(file);
      mkdirSync(file);
    },
  };
  for (const [how, change] of Object.entries(changes)) {
    for (const earlier of [{}, { b: 'b' }]) {
      for (const directory of [ground.source, ground.target]) rmSync(directory, { recursive: true, force: true });
      writeTree(ground.source, { a: 'a', b: 'b' });
      // Clocks of file systems are coarse: a change within a few milliseconds is no later than what it changes.
      utimesSync(file, 1, 1);
      writeTree(ground.target, earlier);
      const attempt = ground.sync({}, { afterReading: change });
      await refused(attempt, 'SshTransferSourceChanged', /app:source\/b, which changed meanwhile/, 'run');
      assert.equal(readTree(ground.target)['b'], earlier.b, how);
    }
  }
});
