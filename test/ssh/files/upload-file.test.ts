import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshTransferWay } from '../../../contract';
import type { ConnectionPool } from '../../../ssh/pool/connection-pool';
import type { SshTarget } from '../../../ssh/target';
import { uploadFile } from '../../../ssh/files/upload-file';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { failure, openPool, shared } from '../pool/support';
import {
  PLAIN_SHELL,
  attempt,
  content,
  memorySource,
  modeOf,
  namesIn,
  sha256,
  sha256At,
  upload,
} from './transfer-ground';

const KILOBYTES = 1024;

for (const via of ['sftp', 'exec'] as const satisfies readonly SshTransferWay[]) {
  describe(`upload via ${via}`, () => {
    async function ground(t: TestContext): Promise<{ pool: ConnectionPool; target: SshTarget; directory: string }> {
      const sshd = await startSshd({ t, env: PLAIN_SHELL });
      return { pool: openPool(t), target: shared(sshd), directory: makeScratch({ t }).path };
    }

    it('brings a file, and leaves nothing beside it', async (t) => {
      const { pool, target, directory } = await ground(t);
      for (const size of [0, 1, 32 * KILOBYTES - 1, 32 * KILOBYTES, 32 * KILOBYTES + 1, 5_000 * KILOBYTES]) {
        const bytes = content(size);
        const path = join(directory, `size-${size}`);
        const result = await uploadFile(pool, target, upload(memorySource(bytes), path, { via }), attempt());
        const { elapsedMs, hostKeyFingerprint, ...rest } = result;
        assert.deepEqual(rest, {
          ...{ host: 'web-1', path, bytes: size, sha256: sha256(bytes), changed: true, transferredBytes: size },
          ...{ resumedFrom: 0, verifiedBy: 'host', attempt: 1 },
        });
        assert.ok(elapsedMs >= 0 && hostKeyFingerprint.startsWith('SHA256:'));
        assert.equal(sha256At(path), sha256(bytes));
        assert.equal(modeOf(path), 0o644);
      }
      assert.equal(namesIn(directory).length, 6);
    });

    it('sends nothing where the content is there, and mends its mode', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, 'target');
      const bytes = content(100);
      writeFileSync(path, bytes, { mode: 0o640 });
      const { ino } = statSync(path);
      const same = await uploadFile(pool, target, upload(memorySource(bytes), path, { via }), attempt());
      assert.deepEqual([same.changed, same.transferredBytes, modeOf(path)], [false, 0, 0o640]);
      const placing = { mode: 0o755 };
      const mended = await uploadFile(pool, target, upload(memorySource(bytes), path, { via, placing }), attempt());
      assert.deepEqual([mended.changed, mended.transferredBytes, modeOf(path)], [true, 0, 0o755]);
      assert.equal(statSync(path).ino, ino);
    });

    it('keeps the mode of the file that it replaces, and the file itself if asked', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, 'target');
      writeFileSync(path, 'old', { mode: 0o600 });
      const placing = { backup: true };
      const source = memorySource(Buffer.from('new'), { facts: { executable: true } });
      const result = await uploadFile(pool, target, upload(source, path, { via, placing }), attempt());
      assert.match(result.backup ?? '', /\/target\.\d{8}T\d{6}Z\.bak$/);
      assert.deepEqual([readFileSync(result.backup ?? '', 'utf8'), readFileSync(path, 'utf8')], ['old', 'new']);
      assert.equal(modeOf(path), 0o600);
      assert.equal(namesIn(directory).length, 2);
    });

    it('gives the mode, owner and time that are asked for', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, 'target');
      const own = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
      const source = memorySource(Buffer.from('new'), { facts: { mtime: 1_700_000_000.5 } });
      const request = upload(source, path, { via, times: true, placing: { mode: 0o4750, owner: own } });
      await uploadFile(pool, target, request, attempt());
      assert.deepEqual([modeOf(path), Math.trunc(statSync(path).mtimeMs / 1000)], [0o4750, 1_700_000_000]);
    });

    it('puts an executable source in place as one', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, 'target');
      const source = memorySource(Buffer.from('#!/bin/sh\n'), { facts: { executable: true } });
      await uploadFile(pool, target, upload(source, path, { via }), attempt());
      assert.equal(modeOf(path), 0o755);
    });

    it('has the new file validated before it is put in place', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, "it's the target");
      writeFileSync(path, 'old');
      const good = { validate: ['grep', '-q', 'new', '{}'] };
      await uploadFile(
        pool,
        target,
        upload(memorySource(Buffer.from('new 1')), path, { via, placing: good }),
        attempt()
      );
      assert.equal(readFileSync(path, 'utf8'), 'new 1');
      const bad = { validate: 'cat {}; echo "line 1 is wrong" >&2; exit 3' };
      const refused = upload(memorySource(Buffer.from('new 2')), path, { via, placing: bad });
      const error = await failure(uploadFile(pool, target, refused, attempt()));
      assert.equal(error.type, 'SshTransferValidateFailed');
      const { exitCode, stdoutTail, stderrTail } = error.details;
      assert.deepEqual([exitCode, stdoutTail, stderrTail], [3, 'new 2', 'line 1 is wrong\n']);
      assert.match(error.message, /exit code 3 \("line 1 is wrong"\)/);
      assert.equal(readFileSync(path, 'utf8'), 'new 1');
      assert.deepEqual(namesIn(directory), ["it's the target"]);
    });

    it('follows a link at the target, which stays a link', async (t) => {
      const { pool, target, directory } = await ground(t);
      mkdirSync(join(directory, 'real'));
      mkdirSync(join(directory, 'links'));
      writeFileSync(join(directory, 'real', 'file'), 'old');
      const link = join(directory, 'links', 'link');
      symlinkSync('../real/file', link);
      const result = await uploadFile(pool, target, upload(memorySource(Buffer.from('new')), link, { via }), attempt());
      assert.equal(result.path, join(directory, 'real', 'file'));
      assert.deepEqual([readlinkSync(link), readFileSync(link, 'utf8')], ['../real/file', 'new']);
      assert.deepEqual([namesIn(join(directory, 'real')), namesIn(join(directory, 'links'))], [['file'], ['link']]);
    });

    it('makes missing directories only if asked', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, 'a', 'b', 'target');
      const source = memorySource(Buffer.from('new'));
      const error = await failure(uploadFile(pool, target, upload(source, path, { via }), attempt()));
      assert.equal(error.type, 'SshTransferNotFound');
      await uploadFile(pool, target, upload(source, path, { via, makeDirectories: true }), attempt());
      assert.equal(readFileSync(path, 'utf8'), 'new');
    });

    it('refuses a directory as a target', async (t) => {
      const { pool, target, directory } = await ground(t);
      const source = memorySource(Buffer.from('new'));
      const error = await failure(uploadFile(pool, target, upload(source, directory, { via }), attempt()));
      assert.equal(error.type, 'SshTransferTargetUnsuitable');
      assert.deepEqual(namesIn(directory), []);
    });

    it('refuses a source without the checksum that is asked for, or that is shorter than it said', async (t) => {
      const { pool, target, directory } = await ground(t);
      const path = join(directory, 'target');
      writeFileSync(path, 'old');
      const wrong = upload(memorySource(Buffer.from('new content')), path, {
        via,
        sha256: sha256(Buffer.from('other')),
      });
      assert.equal((await failure(uploadFile(pool, target, wrong, attempt()))).type, 'SshTransferChecksumMismatch');
      const short = upload(memorySource(Buffer.from('new content'), { facts: { size: 100 } }), path, { via });
      assert.equal((await failure(uploadFile(pool, target, short, attempt()))).type, 'SshTransferSourceChanged');
      assert.deepEqual([namesIn(directory), readFileSync(path, 'utf8')], [['target'], 'old']);
    });

    it('does not put a copy in place that the host sees otherwise than it was sent', async (t) => {
      const tools = makeScratch({ t });
      // Right for the text by which a program proves itself, wrong for all else.
      const lie = `#!/bin/sh\nsum=$(/usr/bin/sha256sum)\ncase $sum in edeaaff3*) ;; *) sum='${'0'.repeat(64)}  -' ;; esac\necho "$sum"\n`;
      tools.write('sha256sum', lie, 0o755);
      const sshd = await startSshd({ t, env: { ...PLAIN_SHELL, PATH: `${tools.path}:/usr/bin:/bin` } });
      const { path: directory } = makeScratch({ t });
      const path = join(directory, 'target');
      writeFileSync(path, 'old content');
      chmodSync(path, 0o644);
      const request = upload(memorySource(Buffer.from('new')), path, { via });
      const error = await failure(uploadFile(openPool(t), shared(sshd), request, attempt()));
      assert.deepEqual([error.type, error.retryable], ['SshTransferCorrupted', true]);
      assert.deepEqual([namesIn(directory), readFileSync(path, 'utf8')], [['target'], 'old content']);
    });

    it('says how far it is', async (t) => {
      const { pool, target, directory } = await ground(t);
      const seen: string[] = [];
      const bytes = content(3_000 * KILOBYTES);
      await uploadFile(
        pool,
        target,
        upload(memorySource(bytes), join(directory, 'target'), { via }),
        attempt({
          onProgress: ({ phase, totalBytes, file }) => {
            assert.deepEqual([totalBytes, file], [bytes.length, 'memory']);
            if (seen.at(-1) !== phase) seen.push(phase);
          },
        })
      );
      assert.deepEqual(seen, ['transfer', 'place']);
    });
  });
}
