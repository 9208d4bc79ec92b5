import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshTransferWay } from '../../../contract';
import { uploadFile } from '../../../ssh/files/upload-file';
import type { ConnectionPool } from '../../../ssh/pool/connection-pool';
import type { SshTarget } from '../../../ssh/target';
import { startCuttingProxy } from '../../support/cutting-proxy';
import type { CuttingProxy } from '../../support/cutting-proxy';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { failure, openPool, shared } from '../pool/support';
import { PLAIN_SHELL, attempt, content, memorySource, namesIn, sha256, sha256At, upload } from './transfer-ground';

const MEGABYTE = 1024 * 1024;
const BYTES = content(24 * MEGABYTE);

interface Ground {
  readonly pool: ConnectionPool;
  readonly target: SshTarget;
  readonly directory: string;
  readonly path: string;
  readonly proxy: CuttingProxy;
  part(): string;
}

for (const via of ['sftp', 'exec'] as const satisfies readonly SshTransferWay[]) {
  describe(`upload via ${via} that was cut off`, () => {
    /** A host of which the first connection is cut after 16 MiB. */
    async function ground(t: TestContext): Promise<Ground> {
      const sshd = await startSshd({ t, env: PLAIN_SHELL });
      const proxy = await startCuttingProxy({ t }, sshd, (index) =>
        index === 0 ? { direction: 'up', after: 16 * MEGABYTE, how: 'rst' } : undefined
      );
      const { path: directory } = makeScratch({ t });
      return {
        ...{ pool: openPool(t), target: shared({ ...sshd, port: proxy.port }), directory, proxy },
        path: join(directory, 'target'),
        part: () => join(directory, namesIn(directory).find((name) => name.endsWith('.part')) ?? 'none'),
      };
    }

    async function cut({ pool, target, path }: Ground, key = 'step'): Promise<void> {
      const error = await failure(
        uploadFile(pool, target, upload(memorySource(BYTES), path, { via }), attempt({ key }))
      );
      assert.deepEqual([error.type, error.retryable], ['SshConnectionLost', true]);
    }

    it('goes on after what is there, and sends little of it again', async (t) => {
      const at = await ground(t);
      await cut(at);
      assert.match(namesIn(at.directory).join(), /^\.target\.[0-9a-f]{16}\.part$/);
      const result = await uploadFile(at.pool, at.target, upload(memorySource(BYTES), at.path, { via }), attempt());
      assert.ok(result.resumedFrom > 8 * MEGABYTE, `resumed from ${result.resumedFrom}`);
      assert.equal(result.transferredBytes, BYTES.length - result.resumedFrom);
      assert.ok(at.proxy.passed.up < BYTES.length + 5 * MEGABYTE, `${at.proxy.passed.up} bytes passed`);
      assert.deepEqual([sha256At(at.path), namesIn(at.directory)], [sha256(BYTES), ['target']]);
    });

    it('does not trust what is there', async (t) => {
      const at = await ground(t);
      await cut(at);
      const there = readFileSync(at.part());
      there[1_000] = (there[1_000] ?? 0) ^ 1;
      writeFileSync(at.part(), there);
      const result = await uploadFile(at.pool, at.target, upload(memorySource(BYTES), at.path, { via }), attempt());
      assert.equal(result.resumedFrom, 0);
      assert.deepEqual([sha256At(at.path), namesIn(at.directory)], [sha256(BYTES), ['target']]);
    });

    it('starts again where others could write what is there, or it is longer than the source', async (t) => {
      const at = await ground(t);
      await cut(at);
      chmodSync(at.part(), 0o666);
      const request = upload(memorySource(BYTES), at.path, { via });
      const first = await uploadFile(at.pool, at.target, request, attempt());
      assert.deepEqual([first.resumedFrom, statSync(at.path).mode & 0o777], [0, 0o644]);
      truncateSync(at.path, 0);
      const second = await uploadFile(at.pool, at.target, request, attempt());
      assert.deepEqual([second.resumedFrom, sha256At(at.path)], [0, sha256(BYTES)]);
    });

    it('starts again with a source that changed meanwhile, and removes the rest of the old one', async (t) => {
      const at = await ground(t);
      await cut(at);
      const changed = content(MEGABYTE);
      const request = upload(memorySource(changed), at.path, { via });
      const result = await uploadFile(at.pool, at.target, request, attempt({ earlierPart: at.part() }));
      assert.deepEqual([result.resumedFrom, sha256At(at.path)], [0, sha256(changed)]);
      assert.deepEqual(namesIn(at.directory), ['target']);
    });

    it('leaves the unfinished copy of another step alone', async (t) => {
      const at = await ground(t);
      await cut(at, 'another');
      const result = await uploadFile(at.pool, at.target, upload(memorySource(BYTES), at.path, { via }), attempt());
      assert.equal(result.resumedFrom, 0);
      assert.equal(namesIn(at.directory).length, 2);
    });

    it('leaves nothing where no attempt follows', async (t) => {
      const at = await ground(t);
      const request = upload(memorySource(BYTES), at.path, { via });
      const error = await failure(uploadFile(at.pool, at.target, request, attempt({ last: true })));
      assert.deepEqual([error.type, namesIn(at.directory)], ['SshConnectionLost', []]);
    });

    it('leaves nothing when it is aborted', async (t) => {
      const at = await ground(t);
      const abort = new AbortController();
      const reason = new Error('cancelled');
      const whole = memorySource(BYTES);
      const source = {
        ...whole,
        open: (signal: AbortSignal) => atByte(whole.open(signal), 4 * MEGABYTE, () => abort.abort(reason)),
      };
      const options = attempt({ signal: abort.signal });
      const aborted = uploadFile(at.pool, at.target, upload(source, at.path, { via }), options);
      await assert.rejects(aborted, (error) => error === reason);
      assert.deepEqual(namesIn(at.directory), []);
    });

    it('ends with its deadline', async (t) => {
      const at = await ground(t);
      const slow = memorySource(BYTES);
      const held = { ...slow, open: (signal: AbortSignal) => hold(slow.open(signal), signal) };
      const { deadlines } = attempt();
      const options = attempt({ deadlines: { ...deadlines, run: 1_500 }, last: true });
      const error = await failure(uploadFile(at.pool, at.target, upload(held, at.path, { via }), options));
      assert.deepEqual([error.type, error.details.limitMs, namesIn(at.directory)], ['SshRunTimeout', 1_500, []]);
    });
  });
}

/** Calls once so many bytes were read. */
async function* atByte(chunks: AsyncIterable<Buffer>, byte: number, call: () => void): AsyncIterable<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    if (bytes >= byte) call();
  }
}

/** The first chunk, and then nothing until the signal. */
async function* hold(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    await new Promise((_, reject) => {
      const timer = setTimeout(() => reject(new Error('never told')), 60_000);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    });
  }
}
