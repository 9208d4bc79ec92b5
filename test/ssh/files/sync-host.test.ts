import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshSyncResult, SshTransferWay } from '../../../contract';
import { syncDirectory } from '../../../ssh/files/sync/sync-directory';
import type { SyncRequest } from '../../../ssh/files/sync/sync-request';
import type { TransferOptions } from '../../../ssh/files/transfer-options';
import type { ConnectionPool } from '../../../ssh/pool/connection-pool';
import type { SshTarget } from '../../../ssh/target';
import { startCuttingProxy } from '../../support/cutting-proxy';
import type { Cut } from '../../support/cutting-proxy';
import { assertNothingLeft } from '../../support/handles';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import type { SshdOptions } from '../../support/sshd';
import { checkFailure } from '../support/engine';
import { failure, openPool, shared } from '../pool/support';
import { numbered, partsIn } from './support/numbered';
import { counts } from './support/sync-ground';
import { readTree, writeTree } from './support/trees';
import { PLAIN_SHELL, attempt } from './transfer-ground';

const FILES = { sftp: 2_000, exec: 500 } as const;

interface Ground {
  readonly source: string;
  readonly target: string;
  readonly host: SshTarget;
  readonly passed: { readonly up: number };
  readonly pool: ConnectionPool;
  sync(request?: Partial<SyncRequest>, options?: Partial<TransferOptions>): Promise<SshSyncResult>;
}

for (const via of ['sftp', 'exec'] as const satisfies readonly SshTransferWay[]) {
  describe(`sync via ${via}`, () => {
    async function ground(
      t: TestContext,
      { cutOf = () => undefined, ...sshd }: SshdOptions & { readonly cutOf?: (index: number) => Cut | undefined } = {}
    ): Promise<Ground> {
      const scratch = makeScratch({ t });
      const [source, target] = [join(scratch.path, 'source'), join(scratch.path, 'target')];
      const server = await startSshd({ t, env: PLAIN_SHELL, ...sshd });
      const through = await startCuttingProxy({ t }, server, cutOf);
      const host = shared({ ...server, port: through.port });
      const pool = openPool(t);
      const from = { directory: source, name: 'app:source' };
      return {
        ...{ source, target, host, pool, passed: through.passed },
        sync: (request, options) => syncDirectory(pool, host, { from, to: target, via, ...request }, attempt(options)),
      };
    }

    it('makes, updates and removes; a second run sends nothing', async (t) => {
      const at = await ground(t);
      const large = 'large. '.repeat(500_000);
      writeTree(at.source, {
        'app.js': 'run()',
        'lib/a.js': 'a',
        'lib/deep/b.js': 'bb',
        'empty/': null,
        large,
        none: '',
      });
      const first = await at.sync();
      assert.equal(counts(first), '+5 ~0 -0 =0');
      assert.deepEqual([first.host, first.path, first.attempt], ['web-1', at.target, 1]);
      assert.deepEqual(readTree(at.target), readTree(at.source));
      writeTree(at.source, { 'app.js': 'RUN()', new: 'n' });
      writeTree(at.target, { 'old/x': 'x', 'logs/l': 'l' });
      const second = await at.sync({ delete: true, exclude: ['logs'] });
      assert.deepEqual(second.changes, ['~ app.js', '+ new', '- old/', '- old/x']);
      assert.equal(second.transferredBytes, 6);
      const third = await at.sync({ delete: true, exclude: ['logs'] });
      assert.deepEqual([counts(third), third.transferredBytes, third.changes], ['+0 ~0 -0 =6', 0, []]);
      assert.deepEqual(readTree(at.target), { ...readTree(at.source), logs: null, 'logs/l': 'l' });
    });

    it('takes names as they are', async (t) => {
      const at = await ground(t);
      const names = [
        'with space',
        'new\nline',
        'é',
        '日本',
        '-n',
        "it's",
        '"',
        '$HOME',
        '`id`',
        'a\\b',
        '*',
        '#',
        ' ',
        '~',
        'tab\t',
      ];
      writeTree(at.source, Object.fromEntries(names.map((name) => [`${name}/${name}`, `content of ${name}`])));
      assert.equal(counts(await at.sync()), `+${names.length} ~0 -0 =0`);
      assert.deepEqual(readTree(at.target), readTree(at.source));
      assert.equal(counts(await at.sync()), `+0 ~0 -0 =${names.length}`);
      writeTree(at.source, { keep: 'k' });
      assert.equal(
        counts(await at.sync({ delete: true, include: ['keep', '*/*'], exclude: ['\\*'] })),
        `+1 ~0 -0 =${names.length - 1}`
      );
      const gone = await at.sync({ delete: true, include: ['é/*', 'keep', 'new\nline/*'] });
      assert.equal(counts(gone), '+0 ~0 -0 =3');
    });

    it('removes names of every kind', async (t) => {
      const at = await ground(t);
      writeTree(at.source, {});
      const names = ['with space', 'new\nline', 'é', '-n', "it's", '$HOME', '*', '~'];
      writeTree(at.target, Object.fromEntries(names.map((name) => [`${name}/${name}`, 'x'])));
      assert.equal(counts(await at.sync({ delete: true, maxDelete: 100 })), `+0 ~0 -${names.length} =0`);
      assert.deepEqual(readTree(at.target), {});
    });

    it('changes nothing in a dry run, nor where it would remove too much', async (t) => {
      const at = await ground(t);
      writeTree(at.source, numbered(10));
      assert.equal(counts(await at.sync({ dryRun: true })), '+10 ~0 -0 =0');
      writeTree(at.target, { a: 'a', b: 'b' });
      const before = readTree(at.target);
      assert.equal(counts(await at.sync({ dryRun: true, delete: true })), '+10 ~0 -2 =0');
      const error = await failure(at.sync({ delete: true, maxDelete: 1 }));
      checkFailure(error, at.host, { type: 'SshTransferTooManyDeletes', stage: 'run', message: /would lose 2 files/ });
      assert.deepEqual(readTree(at.target), before);
    });

    it('does not empty the host for a source without files, unless told', async (t) => {
      const at = await ground(t);
      mkdirSync(at.source);
      writeTree(at.target, { 'a/b': 'kept' });
      assert.equal((await failure(at.sync({ delete: true }))).type, 'SshTransferTooManyDeletes');
      assert.deepEqual(readTree(at.target)['a/b'], 'kept');
      assert.equal(counts(await at.sync({ delete: true, maxDelete: 1 })), '+0 ~0 -1 =0');
    });

    it('goes on after cuts, and leaves nothing unfinished', async (t) => {
      const at = await ground(t, {
        cutOf: (index) => (index < 4 ? { direction: 'up', after: 600_000 + index * 100_000, how: 'rst' } : undefined),
      });
      const large = 'large. '.repeat(100_000);
      writeTree(at.source, { ...numbered(via === 'sftp' ? 600 : 150), 'large-1': large, 'large-2': `${large}2` });
      let cuts = 0;
      for (;;) {
        try {
          await at.sync({}, { attempt: cuts + 1 });
          break;
        } catch (error) {
          const { type, retryable } = error as { type: string; retryable: boolean };
          assert.deepEqual([type, retryable], ['SshConnectionLost', true]);
          cuts += 1;
          assert.ok(cuts <= 4);
        }
      }
      assert.ok(cuts > 0);
      assert.deepEqual(readTree(at.target), readTree(at.source));
    });

    it('leaves nothing unfinished where no attempt follows', async (t) => {
      const at = await ground(t, {
        cutOf: (index) => (index === 0 ? { direction: 'up', after: 400_000, how: 'rst' } : undefined),
      });
      writeTree(at.source, { ...numbered(300), large: 'large. '.repeat(100_000) });
      const { type } = await failure(at.sync({}, { last: true }));
      assert.equal(type, 'SshConnectionLost');
      assert.deepEqual(partsIn(at.target), []);
    });

    it('leaves nothing behind when it is aborted', async (t) => {
      const at = await ground(t);
      writeTree(at.source, { ...numbered(300), large: 'large. '.repeat(1_000_000) });
      await assertNothingLeft(async () => {
        const abort = new AbortController();
        const reason = new Error('cancelled');
        const onProgress = ({ filesDone = 0 }): unknown => filesDone >= 50 && abort.abort(reason);
        await assert.rejects(at.sync({}, { signal: abort.signal, onProgress }), (error) => error === reason);
        await at.pool.close();
      });
      assert.deepEqual(partsIn(at.target), []);
      const [source, target] = [readTree(at.source), readTree(at.target)];
      for (const [path, content] of Object.entries(target)) assert.equal(content, source[path]);
    });

    it('fails with what changes in the source meanwhile, and the next attempt takes it as it is', async (t) => {
      const at = await ground(t);
      // Of a size of which only a few are under way at a time.
      const large = 'large. '.repeat(20_000);
      writeTree(at.source, Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${10 + index}`, large])));
      const onProgress = ({ phase }: { phase: string }): void => {
        if (phase === 'transfer') writeFileSync(join(at.source, 'f49'), 'changed meanwhile');
      };
      const error = await failure(at.sync({}, { onProgress }));
      const message = /app:source\/f49, which changed meanwhile/;
      checkFailure(error, at.host, { type: 'SshTransferSourceChanged', stage: 'run', message });
      assert.deepEqual(partsIn(at.target), []);
      await at.sync();
      assert.deepEqual(readTree(at.target), readTree(at.source));
    });

    it('thousands of files, then nothing, then one', async (t) => {
      const at = await ground(t);
      writeTree(at.source, numbered(FILES[via]));
      assert.equal(counts(await at.sync()), `+${FILES[via]} ~0 -0 =0`);
      assert.deepEqual(readTree(at.target), readTree(at.source));
      const { up } = at.passed;
      assert.equal(counts(await at.sync()), `+0 ~0 -0 =${FILES[via]}`);
      t.diagnostic(`${at.passed.up - up} bytes for unchanged files`);
      writeTree(at.source, { 'd1/f1': 'other' });
      assert.equal(counts(await at.sync()), `+0 ~1 -0 =${FILES[via] - 1}`);
    });
  });
}
