import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshTransferWay } from '../../../contract';
import { downloadFile } from '../../../ssh/files/download-file';
import type { DownloadRequest } from '../../../ssh/files/download-file';
import type { FileSink } from '../../../ssh/files/file-sink';
import type { ConnectionPool } from '../../../ssh/pool/connection-pool';
import type { SshTarget } from '../../../ssh/target';
import { startCuttingProxy } from '../../support/cutting-proxy';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { failure, openPool, shared } from '../pool/support';
import { memorySink } from './memory-sink';
import { PLAIN_SHELL, attempt, content, sha256 } from './transfer-ground';

const MEGABYTE = 1024 * 1024;

for (const via of ['sftp', 'exec'] as const satisfies readonly SshTransferWay[]) {
  describe(`download via ${via}`, () => {
    async function ground(t: TestContext): Promise<{ pool: ConnectionPool; target: SshTarget; path: string }> {
      const sshd = await startSshd({ t, env: PLAIN_SHELL });
      return { pool: openPool(t), target: shared(sshd), path: join(makeScratch({ t }).path, 'file') };
    }

    const request = (from: string, sink: FileSink, overrides: Partial<DownloadRequest> = {}): DownloadRequest => ({
      ...{ via, from, sink },
      ...overrides,
    });

    it('brings a file of any size', async (t) => {
      const { pool, target, path } = await ground(t);
      for (const size of [0, 1, 32_767, 32_768, 32_769, 5 * MEGABYTE]) {
        const bytes = content(size);
        writeFileSync(path, bytes);
        const sink = memorySink();
        const { elapsedMs, hostKeyFingerprint, ...rest } = await downloadFile(
          pool,
          target,
          request(path, sink),
          attempt()
        );
        assert.deepEqual(rest, {
          ...{ host: 'web-1', path, bytes: size, sha256: sha256(bytes), changed: true, transferredBytes: size },
          ...{ resumedFrom: 0, verifiedBy: 'host', attempt: 1 },
        });
        assert.ok(elapsedMs >= 0 && hostKeyFingerprint.startsWith('SHA256:'));
        assert.equal(sha256(sink.content ?? Buffer.from('nothing')), sha256(bytes));
        assert.equal(sink.parts.size, 0);
      }
    });

    it('brings nothing that is there already, and follows links', async (t) => {
      const { pool, target, path } = await ground(t);
      const bytes = content(1_000);
      writeFileSync(path, bytes);
      symlinkSync('file', `${path}-link`);
      const result = await downloadFile(pool, target, request(`${path}-link`, memorySink(bytes)), attempt());
      assert.deepEqual([result.path, result.changed, result.transferredBytes], [path, false, 0]);
      const other = await downloadFile(pool, target, request(path, memorySink(content(1_000))), attempt());
      assert.deepEqual([other.changed, other.transferredBytes], [true, 1_000]);
    });

    it('refuses what is not there, no file, too large, or not what was expected', async (t) => {
      const { pool, target, path } = await ground(t);
      const refused = async (overrides: Partial<DownloadRequest>): Promise<string> => {
        const sink = memorySink();
        const { type } = await failure(downloadFile(pool, target, request(path, sink, overrides), attempt()));
        assert.deepEqual([sink.content, sink.parts.size], [undefined, 0]);
        return type;
      };
      assert.equal(await refused({}), 'SshTransferNotFound');
      mkdirSync(`${path}-directory`);
      assert.equal(await refused({ from: `${path}-directory` }), 'SshTransferTargetUnsuitable');
      assert.equal(await refused({ from: '/dev/zero' }), 'SshTransferTargetUnsuitable');
      writeFileSync(path, content(1_000));
      assert.equal(await refused({ maxBytes: 999 }), 'SshTransferTooLarge');
      assert.equal(await refused({ sha256: '0'.repeat(64) }), 'SshTransferChecksumMismatch');
    });

    it('does not take a file that changes while it is read', async (t) => {
      const { pool, target, path } = await ground(t);
      const bytes = content(4 * MEGABYTE);
      writeFileSync(path, bytes);
      const sink = memorySink();
      let changed = false;
      const onProgress = ({ bytes: done }: { bytes: number }): void => {
        if (changed || done < MEGABYTE) return;
        changed = true;
        truncateSync(path, 2 * MEGABYTE);
      };
      const error = await failure(downloadFile(pool, target, request(path, sink), attempt({ onProgress })));
      assert.deepEqual([error.type, error.retryable], ['SshTransferSourceChanged', true]);
      assert.deepEqual([sink.content, sink.parts.size], [undefined, 0]);
    });

    it('goes on after a cut with what came, once the host has the same', async (t) => {
      const sshd = await startSshd({ t, env: PLAIN_SHELL });
      const proxy = await startCuttingProxy({ t }, sshd, (index) =>
        index < 2 ? { direction: 'down', after: 8 * MEGABYTE, how: 'rst' } : undefined
      );
      const [pool, target] = [openPool(t), shared({ ...sshd, port: proxy.port })];
      const path = join(makeScratch({ t }).path, 'file');
      const bytes = content(24 * MEGABYTE);
      writeFileSync(path, bytes);
      const sink = memorySink();
      const first = await failure(downloadFile(pool, target, request(path, sink), attempt()));
      assert.deepEqual([first.type, sink.parts.size], ['SshConnectionLost', 1]);
      const second = await failure(downloadFile(pool, target, request(path, sink), attempt()));
      assert.equal(second.type, 'SshConnectionLost');
      const result = await downloadFile(pool, target, request(path, sink), attempt());
      assert.ok(result.resumedFrom > 12 * MEGABYTE, `resumed from ${result.resumedFrom}`);
      assert.equal(sha256(sink.content ?? Buffer.from('nothing')), sha256(bytes));
    });

    it('does not go on with what the host does not have', async (t) => {
      const sshd = await startSshd({ t, env: PLAIN_SHELL });
      const proxy = await startCuttingProxy({ t }, sshd, (index) =>
        index === 0 ? { direction: 'down', after: 4 * MEGABYTE, how: 'rst' } : undefined
      );
      const [pool, target] = [openPool(t), shared({ ...sshd, port: proxy.port })];
      const path = join(makeScratch({ t }).path, 'file');
      const bytes = content(8 * MEGABYTE);
      writeFileSync(path, bytes);
      const sink = memorySink();
      await failure(downloadFile(pool, target, request(path, sink), attempt()));
      for (const part of sink.parts.values()) part[10] = (part[10] ?? 0) ^ 1;
      const result = await downloadFile(pool, target, request(path, sink), attempt());
      assert.deepEqual([result.resumedFrom, result.sha256], [0, sha256(bytes)]);
    });

    it('leaves nothing when it is aborted', async (t) => {
      const { pool, target, path } = await ground(t);
      writeFileSync(path, content(8 * MEGABYTE));
      const [abort, reason, sink] = [new AbortController(), new Error('cancelled'), memorySink()];
      const onProgress = ({ bytes }: { bytes: number }): unknown => bytes > MEGABYTE && abort.abort(reason);
      const options = attempt({ signal: abort.signal, onProgress });
      await assert.rejects(downloadFile(pool, target, request(path, sink), options), (error) => error === reason);
      assert.deepEqual([sink.content, sink.parts.size], [undefined, 0]);
    });
  });
}
