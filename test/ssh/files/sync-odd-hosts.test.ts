import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { syncDirectory } from '../../../ssh/files/sync/sync-directory';
import { findProgram } from '../../support/find-program';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { checkFailure } from '../support/engine';
import { failure, openPool, shared } from '../pool/support';
import { numbered, partsIn } from './support/numbered';
import { counts } from './support/sync-ground';
import { readTree, writeTree } from './support/trees';
import { PLAIN_SHELL, attempt } from './transfer-ground';

const SFTP_SERVER = ['/usr/lib/openssh/sftp-server', '/usr/libexec/sftp-server', '/usr/libexec/openssh/sftp-server'];
const AS_NOBODY = SFTP_SERVER.find((file) => existsSync(file));

const skip = AS_NOBODY === undefined || process.getuid?.() !== 0 || findProgram('setpriv') === undefined;
void it('a directory that may not be written stops the sync, and nothing unfinished is left', { skip }, async (t) => {
  const nobody = `/usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups ${AS_NOBODY}`;
  const sshd = await startSshd({ t, env: PLAIN_SHELL, config: [`ForceCommand ${nobody}`] });
  const scratch = makeScratch({ t });
  chmodSync(scratch.path, 0o755);
  const [source, target] = [join(scratch.path, 'source'), join(scratch.path, 'target')];
  writeTree(source, {
    ...numbered(300, (index) => `a/${index}`),
    'b/x': 'new',
    ...numbered(300, (index) => `c/${index}`),
  });
  writeTree(target, { 'b/x': 'old' });
  mkdirSync(join(target, 'a'));
  for (const path of ['', 'a']) chownSync(join(target, path), 65534, 65534);
  const host = shared(sshd);
  const request = { from: { directory: source, name: 'app:source' }, to: target };
  const error = await failure(syncDirectory(openPool(t), host, request, attempt()));
  checkFailure(error, host, { type: 'SshTransferPermissionDenied', stage: 'run', message: /\/b\// });
  assert.deepEqual(partsIn(target), []);
  assert.equal(readTree(target)['b/x'], 'old');
});

void it('a host that runs no commands gets its files all the same', async (t) => {
  const sshd = await startSshd({ t, env: PLAIN_SHELL, config: ['ForceCommand internal-sftp'] });
  const scratch = makeScratch({ t });
  const [source, target] = [join(scratch.path, 'source'), join(scratch.path, 'target')];
  writeTree(source, numbered(100));
  const request = { from: { directory: source, name: 'app:source' }, to: target };
  const pool = openPool(t);
  assert.equal(counts(await syncDirectory(pool, shared(sshd), request, attempt())), '+100 ~0 -0 =0');
  assert.equal(counts(await syncDirectory(pool, shared(sshd), request, attempt())), '+0 ~0 -0 =100');
  assert.deepEqual(readTree(target), readTree(source));
});

void it('files in an archive have their names, permissions and owners as those that are sent one by one', async (t) => {
  const sshd = await startSshd({ t, env: PLAIN_SHELL });
  const scratch = makeScratch({ t });
  const [source, target] = [join(scratch.path, 'source'), join(scratch.path, 'target')];
  const deep = `${'d'.repeat(90)}/${'e'.repeat(60)}`;
  const names = [
    'with space',
    'new\nline',
    'é',
    '-n',
    "it's",
    '$HOME',
    '*',
    '.hidden',
    `${deep}/f`,
    `${deep}/${'g'.repeat(120)}`,
  ];
  const odd = Object.fromEntries([...names, ...names.map((name) => `-dir\n'/${name}`)].map((name) => [name, name]));
  writeTree(source, { ...numbered(100), ...odd, empty: '' });
  chmodSync(join(source, 'é'), 0o751);
  writeTree(target, { 'd1/f1': 'owned by another', 'd2/f2': 'old' });
  const root = process.getuid?.() === 0;
  if (root) chownSync(join(target, 'd1/f1'), 65534, 65534);
  const request = { from: { directory: source, name: 'app:source' }, to: target };
  assert.equal(counts(await syncDirectory(openPool(t), shared(sshd), request, attempt())), '+119 ~2 -0 =0');
  assert.deepEqual(readTree(target), readTree(source));
  const facts = (name: string): unknown => [
    statSync(join(target, name)).mode & 0o777,
    statSync(join(target, name)).uid,
  ];
  const uid = process.getuid?.();
  assert.deepEqual(
    [facts('é'), facts('empty'), facts('d2/f2')],
    [
      [0o751, uid],
      [0o644, uid],
      [0o644, uid],
    ]
  );
  if (root) assert.deepEqual(facts('d1/f1'), [0o644, 65534]);
});
