import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { SshError } from '../../../ssh/ssh-error';
import { assertNothingLeft } from '../../support/handles';
import { failure } from '../pool/support';
import { SFTP_SERVERS, directoryOf, openFiles, readAll, writeAll } from './sftp-ground';
import { content, modeOf, namesIn, sha256, sha256At } from './transfer-ground';

const CHUNK = 128 * 1024;

for (const [name, start] of Object.entries(SFTP_SERVERS)) {
  describe(`files of ${name}`, () => {
    it('come and go as they are, of any size', async (t) => {
      const files = await openFiles(t, await start(t));
      const directory = directoryOf(t);
      for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20_000_000]) {
        const bytes = content(size);
        const path = join(directory, `size-${size}`);
        await writeAll(files, path, bytes);
        assert.equal(sha256At(path), sha256(bytes), `${size} bytes arrived`);
        assert.equal(modeOf(path), 0o600);
        assert.equal(sha256(await readAll(files.read(path, 0))), sha256(bytes), `${size} bytes came back`);
        if (size === 0) continue;
        const rest = await readAll(files.read(path, size - 1));
        assert.deepEqual(rest, bytes.subarray(size - 1));
        assert.deepEqual(await readAll(files.read(path, size)), Buffer.alloc(0));
      }
    });

    it('are written anew, or on', async (t) => {
      const files = await openFiles(t, await start(t));
      const directory = directoryOf(t);
      const [path, other] = [join(directory, 'part'), join(directory, 'other')];
      writeFileSync(other, 'of another');
      symlinkSync(other, path);
      await writeAll(files, path, Buffer.from('0123456789'));
      assert.ok(lstatSync(path).isFile());
      assert.equal(readFileSync(other, 'utf8'), 'of another');
      await writeAll(files, path, Buffer.from('abc'), 1, 5);
      assert.equal(readFileSync(path, 'utf8'), '01234abc');
      const type = async (offset: number): Promise<string> => (await failure(files.write(path, offset))).type;
      assert.equal(await type(9), 'SshTransferTargetUnsuitable');
      chmodSync(path, 0o620);
      assert.equal(await type(3), 'SshTransferTargetUnsuitable');
      const link = join(directory, 'link');
      symlinkSync(other, link);
      assert.equal((await failure(files.write(link, 2))).type, 'SshTransferTargetUnsuitable');
      assert.equal((await failure(files.write(join(directory, 'none'), 2))).type, 'SshTransferNotFound');
      await files.writeWhole(path, Buffer.from('whole'));
      assert.equal(readFileSync(path, 'utf8'), 'whole');
      assert.equal(modeOf(path), 0o600);
    });

    it('have digests', async (t) => {
      const files = await openFiles(t, await start(t));
      const directory = directoryOf(t);
      const bytes = content(700_000);
      const path = join(directory, "it's a; file");
      writeFileSync(path, bytes);
      const by = name.startsWith('ForceCommand') ? 'read-back' : 'host';
      assert.deepEqual(await files.digest(path, 500_001), { sha256: sha256(bytes.subarray(0, 500_001)), by });
      assert.deepEqual(await files.digest(path, 1_000_000), { sha256: sha256(bytes), by });
      assert.deepEqual(await files.digest(path, 0), { sha256: sha256(Buffer.alloc(0)), by });
      assert.equal((await failure(files.digest(join(directory, 'none'), 5))).type, 'SshTransferNotFound');
      assert.equal((await failure(files.digest(directory, 5))).type, 'SshTransferTargetUnsuitable');
      const more = Array.from({ length: 50 }, (_, index) => join(directory, `file ${index}`));
      for (const file of more) writeFileSync(file, file);
      const found = await files.digests([path, ...more, join(directory, 'none'), directory]);
      assert.equal(found.size, 51);
      for (const file of [path, ...more]) assert.equal(found.get(file), sha256At(file));
    });

    it('are found, listed and looked at', async (t) => {
      const files = await openFiles(t, await start(t));
      const directory = directoryOf(t);
      const expected = new Set<string>();
      for (let outer = 0; outer < 12; outer += 1) {
        mkdirSync(join(directory, `d${outer}`, 'deep'), { recursive: true });
        for (let inner = 0; inner < 15; inner += 1) {
          writeFileSync(join(directory, `d${outer}`, 'deep', `ü ${inner}`), 'x'.repeat(inner));
          expected.add(`d${outer}/deep/ü ${inner}`);
        }
      }
      symlinkSync('/etc', join(directory, 'etc'));
      const seen = new Map<string, string>();
      for await (const { path, facts } of files.list(directory)) {
        seen.set(path, facts.kind);
        if (facts.kind === 'file') assert.equal(facts.size, Number(path.split(' ')[1]));
      }
      assert.equal(seen.get('etc'), 'link');
      assert.deepEqual(new Set([...seen].filter(([, kind]) => kind === 'file').map(([path]) => path)), expected);
      assert.equal([...seen.values()].filter((kind) => kind === 'directory').length, 24);
      for await (const entry of files.list(join(directory, 'none'))) assert.fail(entry.path);
      for await (const _ of files.list(directory)) break;

      const link = join(directory, 'link');
      symlinkSync('d1/to come', link);
      assert.equal(await files.resolve(link), join(realpathSync(directory), 'd1', 'to come'));
      assert.equal(await files.resolve(join(directory, 'd1', '..', 'new')), join(realpathSync(directory), 'new'));
      assert.equal((await failure(files.resolve(join(directory, 'none', 'new')))).type, 'SshTransferNotFound');
      assert.match(await files.resolve('below home'), /^\/.*\/below home$/);
      const facts = await files.stat(link);
      assert.deepEqual([facts?.kind, (await files.stat(directory))?.kind], ['link', 'directory']);
      assert.equal(await files.stat(join(directory, 'none')), undefined);
    });

    it('take the place of others, with all that they are to have', async (t) => {
      const files = await openFiles(t, await start(t));
      const directory = directoryOf(t);
      const [part, path, kept] = [join(directory, 'part'), join(directory, 'target'), join(directory, 'kept')];
      writeFileSync(path, 'old');
      await files.writeWhole(part, Buffer.from('new'));
      await files.setAttributes(part, { mode: 0o4750, mtime: 1_600_000_000.75, owner: `${process.getuid?.()}:` });
      const { ino } = statSync(path);
      await files.keep(path, kept);
      assert.equal(statSync(kept).ino, ino);
      assert.equal((await failure(files.keep(path, kept))).type, 'SshTransferFailed');
      await files.replace(part, path);
      assert.deepEqual(namesIn(directory), ['kept', 'target']);
      assert.deepEqual([readFileSync(path, 'utf8'), readFileSync(kept, 'utf8')], ['new', 'old']);
      const { mode, mtimeMs } = statSync(path);
      assert.deepEqual([mode & 0o7777, mtimeMs], [0o4750, 1_600_000_000_000]);
      assert.equal((await failure(files.replace(part, path))).type, 'SshTransferNotFound');
      assert.equal((await failure(files.replace(path, directory))).type, 'SshTransferTargetUnsuitable');
    });

    it('are in directories that are made and removed', async (t) => {
      const files = await openFiles(t, await start(t));
      const directory = directoryOf(t);
      const deep = join(directory, 'a', 'b', 'c');
      await files.makeDirectory(deep, 0o775);
      await files.makeDirectory(deep, 0o700);
      assert.deepEqual([modeOf(deep), modeOf(join(directory, 'a'))], [0o775, 0o775]);
      writeFileSync(join(directory, 'file'), '');
      assert.equal(
        (await failure(files.makeDirectory(join(directory, 'file'), 0o700))).type,
        'SshTransferTargetUnsuitable'
      );
      await files.removeDirectory(join(directory, 'a'));
      assert.ok(existsSync(deep));
      await files.removeDirectory(deep);
      await files.removeDirectory(deep);
      await files.remove(join(directory, 'file'));
      await files.remove(join(directory, 'file'));
      assert.deepEqual(namesIn(directory), ['a']);
      assert.equal((await failure(files.remove(join(directory, 'a')))).type, 'SshTransferTargetUnsuitable');
      assert.equal((await failure(files.write(join(directory, 'a'), 0))).type, 'SshTransferTargetUnsuitable');
      assert.equal((await failure(files.write(join(directory, 'x', 'y'), 0))).type, 'SshTransferNotFound');
      assert.equal((await failure(readAll(files.read(join(directory, 'a'), 0)))).type, 'SshTransferTargetUnsuitable');
      assert.equal((await failure(readAll(files.read(join(directory, 'x'), 0)))).type, 'SshTransferNotFound');
    });

    it('are checked by commands where the host runs any', async (t) => {
      const files = await openFiles(t, await start(t));
      const ran = files.run('echo out; echo err >&2; exit 3');
      if (name.startsWith('ForceCommand')) {
        const error: SshError = await failure(ran);
        assert.equal(error.type, 'SshTransferUnsupported');
        return;
      }
      assert.deepEqual(await ran, { exitCode: 3, stdoutTail: 'out\n', stderrTail: 'err\n' });
    });

    it('come and go many at a time over one connection', async (t) => {
      await assertNothingLeft(async () => {
        const files = await openFiles(t, await start(t));
        const directory = directoryOf(t);
        const all = Array.from({ length: 10 }, (_, index) => ({
          path: join(directory, `f${index}`),
          bytes: content(index * 300_000),
        }));
        await Promise.all(all.map(({ path, bytes }) => writeAll(files, path, bytes)));
        for (const { path, bytes } of all) assert.equal(sha256At(path), sha256(bytes));
        const back = await Promise.all(all.map(async ({ path }) => sha256(await readAll(files.read(path, 0)))));
        assert.deepEqual(
          back,
          all.map(({ bytes }) => sha256(bytes))
        );
        await files.close();
      });
    });
  });
}
