import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { statSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { HostFiles } from '../../../ssh/files/host-files';
import { dropbearSkipReason } from '../../support/dropbear';
import { assertNothingLeft } from '../../support/handles';
import { SHELLS, setUpSkipReason } from '../job/support/set-up';
import { ExecFilesHost, all, bytesOf, ofType } from './exec-files-host';

const CHUNK = 32_768;
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1];
const NAMES = ['plain', 'with space', `q'uo"te`, 'line\nfeed', '-dash', 'ümläut', 'back\\slash', '$HOME `id` *', '=x!'];

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function put(files: HostFiles, path: string, bytes: Buffer, offset = 0): Promise<void> {
  const writer = await files.write(path, offset);
  for (let at = offset; at < bytes.length; at += 100_000) await writer.write(bytes.subarray(at, at + 100_000));
  await writer.finish();
  assert.equal(writer.acknowledged, bytes.length);
}

async function get(files: HostFiles, path: string, offset = 0): Promise<Buffer> {
  return Buffer.concat(await all(files.read(path, offset)));
}

async function roundTrips(host: ExecFilesHost): Promise<void> {
  const files = await host.open();
  assert.equal(files.via, 'exec');
  assert.equal(files.hostKeyFingerprint, host.server.hostFingerprint);
  for (const size of SIZES) {
    const bytes = bytesOf(size);
    const path = host.path(`size-${size}`);
    await put(files, path, bytes);
    assert.deepEqual(host.read(`size-${size}`), bytes);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(await get(files, path), bytes);
    assert.deepEqual(await files.digest(path, size), { sha256: sha256(bytes), by: 'host' });
  }
  const big = bytesOf(20_000_000);
  await put(files, host.path('big'), big);
  assert.ok(host.read('big').equals(big));
  assert.ok((await get(files, host.path('big'))).equals(big));
  assert.ok((await get(files, host.path('big'), 12_345_678)).equals(big.subarray(12_345_678)));
  assert.equal((await files.digest(host.path('big'), 7_777_777)).sha256, sha256(big.subarray(0, 7_777_777)));
  for (const name of NAMES) {
    const path = host.path(name);
    await put(files, path, Buffer.from(name));
    await files.writeWhole(path, Buffer.from(`${name}!`));
    assert.equal(host.read(name).toString(), `${name}!`);
    assert.equal((await get(files, path)).toString(), `${name}!`);
    assert.equal(await files.resolve(path), path);
    assert.equal((await files.stat(path))?.size, Buffer.byteLength(name) + 1);
    assert.equal((await files.digest(path, 1_000)).sha256, sha256(Buffer.from(`${name}!`)));
  }
  const sums = await files.digests([...NAMES, 'absent'].map((name) => host.path(name)));
  assert.deepEqual([...sums.keys()].sort(), NAMES.map((name) => host.path(name)).sort());
  for (const name of NAMES) assert.equal(sums.get(host.path(name)), sha256(Buffer.from(`${name}!`)));
  await files.close();
}

for (const shell of SHELLS) {
  test(`content comes and goes whole: OpenSSH, ${shell}`, { skip: setUpSkipReason(shell) }, async (t) => {
    await roundTrips(await ExecFilesHost.start(t, { shell }));
  });
  const skip = setUpSkipReason(shell) || dropbearSkipReason();
  test(`content comes and goes whole: Dropbear, ${shell}`, { skip }, async (t) => {
    await roundTrips(await ExecFilesHost.start(t, { shell, server: 'Dropbear' }));
  });

  test(`a file is written on after a prefix, or not at all: ${shell}`, { skip: setUpSkipReason(shell) }, async (t) => {
    const host = await ExecFilesHost.start(t, { shell });
    const files = await host.open();
    const bytes = bytesOf(1_000_000);
    const path = host.put('part', Buffer.concat([bytes.subarray(0, 500_000), Buffer.from('what is cut')]), 0o600);
    await put(files, path, bytes, 500_000);
    assert.ok(host.read('part').equals(bytes));
    await put(files, path, bytes, 1_000_000);
    assert.ok(host.read('part').equals(bytes));
    await assert.rejects(files.write(path, 1_000_001), ofType('SshTransferFailed'));
    host.put('open', 'abc', 0o666);
    await assert.rejects(files.write(host.path('open'), 1), ofType('SshTransferTargetUnsuitable'));
    symlinkSync(path, host.path('link'));
    await assert.rejects(files.write(host.path('link'), 1), ofType('SshTransferTargetUnsuitable'));
    await assert.rejects(files.write(host.path('absent'), 1), ofType('SshTransferNotFound'));
    // From the beginning, a link is not followed.
    await put(files, host.path('link'), Buffer.from('new'));
    assert.ok(host.read('part').equals(bytes));
    assert.equal(host.read('link').toString(), 'new');
  });
}

test(
  'the end of a reader, early too, and a writer that is abandoned leave nothing',
  { skip: setUpSkipReason('dash') },
  async (t) => {
    const host = await ExecFilesHost.start(t);
    host.put('big', bytesOf(20_000_000));
    await assertNothingLeft(async () => {
      const files = await host.open();
      for await (const chunk of files.read(host.path('big'), 0)) {
        assert.ok(chunk.length > 0);
        break;
      }
      const writer = await files.write(host.path('new'), 0);
      await writer.write(Buffer.alloc(100_000));
      await writer.abandon();
      await writer.abandon();
      assert.equal((await files.stat(host.path('big')))?.size, 20_000_000);
      await host.close();
    });
  }
);
