import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { HostFiles } from '../../../ssh/files/host-files';
import type { TransferProgress } from '../../../ssh/files/transfer-options';
import type { SshTarget } from '../../../ssh/target';
import { checkFailure } from '../support/engine';
import { NOWHERE, counts, syncGround } from './support/sync-ground';
import type { SyncGround } from './support/sync-ground';
import { readTree, writeTree } from './support/trees';

const CUT = new Error('cut');
const LARGE = 'large. '.repeat(200_000);

function parts(ground: SyncGround): readonly string[] {
  return Object.keys(readTree(ground.target)).filter((path) => path.endsWith('.part'));
}

/** Fails from a call on, as a connection that is lost does. */
function cut(ground: SyncGround, method: keyof HostFiles, when: (path: string) => boolean): void {
  let lost = false;
  ground.files.before = (called, path) => {
    lost ||= called === method && when(path);
    if (lost) throw CUT;
  };
}

async function fails(attempt: Promise<unknown>, expected: unknown): Promise<void> {
  await assert.rejects(attempt, (error) => error === expected);
}

function manyFiles(ground: SyncGround, count: number): void {
  writeTree(ground.source, Object.fromEntries(Array.from({ length: count }, (_, i) => [`d/f${i}`, `content ${i}`])));
}

void test('after a cut the next attempt proves what is there, sends what is missing, and leaves nothing unfinished', async (t) => {
  const ground = syncGround({ t });
  manyFiles(ground, 100);
  cut(ground, 'replace', (path) => path.endsWith('f50'));
  await fails(ground.sync(), CUT);
  const { length: left } = parts(ground);
  assert.ok(left > 0 && left < 100, `${left} unfinished copies`);
  ground.files.before = () => undefined;
  const { writeWhole } = ground.files.calls;
  const result = await ground.sync();
  assert.equal(counts(result), `+${left} ~0 -0 =${100 - left}`);
  assert.equal(result.transferredBytes, 0);
  assert.equal(ground.files.calls['writeWhole'], writeWhole);
  assert.deepEqual(readTree(ground.target), readTree(ground.source));
});

void test('after the first failure nothing new is begun', async (t) => {
  const ground = syncGround({ t });
  manyFiles(ground, 1_000);
  let writes = 0;
  ground.files.before = (method) => {
    if (method !== 'writeWhole') return;
    writes += 1;
    if (writes === 100) throw CUT;
  };
  await fails(ground.sync(), CUT);
  assert.ok(writes < 200, `${writes} files were begun`);
  assert.deepEqual(ground.files.replaced, []);
});

void test('a large file goes on after what is there, if that is its beginning', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { large: LARGE });
  cut(ground, 'write', (path) => path.endsWith(` at ${512 * 1024}`));
  await fails(ground.sync(), CUT);
  ground.files.before = () => undefined;
  const [part = ''] = parts(ground);
  const { size } = statSync(join(ground.target, part));
  assert.equal(size, 512 * 1024);
  assert.equal((await ground.sync()).transferredBytes, LARGE.length - size);
  assert.deepEqual(readTree(ground.target), { large: LARGE });

  writeTree(ground.source, { large: LARGE.replaceAll('large', 'LARGE') });
  cut(ground, 'write', (path) => path.endsWith(` at ${512 * 1024}`));
  await fails(ground.sync(), CUT);
  ground.files.before = () => undefined;
  truncateSync(join(ground.target, parts(ground)[0] ?? ''), 0);
  writeFileSync(join(ground.target, parts(ground)[0] ?? ''), 'something else');
  assert.equal((await ground.sync()).transferredBytes, LARGE.length);
  assert.deepEqual(readTree(ground.target), readTree(ground.source));
});

void test('what is left of a source that has changed since is removed; what another step left is not', async (t) => {
  const ground = syncGround({ t });
  const long = 'é'.repeat(120);
  writeTree(ground.source, { a: 'a', [long]: 'long', 'gone/b': 'b' });
  cut(ground, 'replace', () => true);
  await fails(ground.sync({}, { key: 'one' }), CUT);
  assert.equal(parts(ground).length, 3);
  for (const part of parts(ground)) assert.ok(Buffer.byteLength(basename(part)) <= 255);
  writeTree(ground.source, { a: 'changed', [long]: 'other' });
  cut(ground, 'replace', () => true);
  await fails(ground.sync({}, { key: 'two' }), CUT);
  assert.equal(parts(ground).length, 6);
  ground.files.before = () => undefined;
  const kept = parts(ground);
  const result = await ground.sync({ exclude: ['gone'] }, { key: 'one' });
  assert.equal(counts(result), '+2 ~0 -0 =0');
  // What is excluded now is not looked at.
  assert.equal(parts(ground).length, kept.length - 2);
  await ground.sync({}, { key: 'two' });
  await ground.sync({}, { key: 'one' });
  assert.deepEqual(readTree(ground.target), readTree(ground.source));
});

void test('a copy that others could have written is not taken for ours', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { a: 'a' });
  cut(ground, 'replace', () => true);
  await fails(ground.sync(), CUT);
  ground.files.before = () => undefined;
  chmodSync(join(ground.target, parts(ground)[0] ?? ''), 0o666);
  assert.equal((await ground.sync()).transferredBytes, 1);
});

void test('a copy that is not what was sent is never put in its place', async (t) => {
  const ground = syncGround({ t });
  manyFiles(ground, 50);
  ground.files.before = (method) => {
    if (method === 'digests') writeFileSync(join(ground.target, parts(ground)[7] ?? ''), 'bit rot');
  };
  const error = await ground.sync().catch((reason: unknown) => reason);
  const { message } = checkFailure(error, NOWHERE as unknown as SshTarget, {
    ...{ type: 'SshTransferCorrupted', stage: 'run', message: /has a copy of \S+\/d\/f\d+ with sha256/ },
  });
  const [, broken = ''] = /(\/\S+f\d+) with/.exec(message) ?? [];
  assert.equal(ground.files.replaced.includes(broken), false);
  for (const path of ground.files.replaced) assert.match(readFileSync(path, 'utf8'), /^content/);
});

void test('an abort stops with its reason before the next file', async (t) => {
  const ground = syncGround({ t });
  manyFiles(ground, 1_000);
  const controller = new AbortController();
  const reason = new Error('cancelled');
  let writes = 0;
  ground.files.before = (method) => {
    if (method === 'writeWhole' && (writes += 1) === 100) controller.abort(reason);
  };
  await fails(ground.sync({}, { signal: controller.signal }), reason);
  assert.ok(writes < 200, `${writes} files were begun`);
  assert.deepEqual(ground.files.replaced, []);
});

void test('progress counts files and bytes up to the last', async (t) => {
  const ground = syncGround({ t });
  writeTree(ground.source, { same: 'same', large: LARGE, small: 'small' });
  writeTree(ground.target, { same: 'same' });
  const seen: TransferProgress[] = [];
  await ground.sync({}, { onProgress: (progress) => seen.push(progress) });
  const totalBytes = LARGE.length + 5;
  const last = { phase: 'place', bytes: totalBytes, totalBytes, filesDone: 3, filesTotal: 3 };
  assert.deepEqual({ ...seen.at(-1), file: '' }, { ...last, file: '' });
  assert.equal(seen[0]?.file, 'same');
  assert.ok(seen.filter(({ phase, file }) => phase === 'transfer' && file === 'large').length > 3);
  for (const [index, { bytes }] of seen.entries()) assert.ok(bytes >= (seen[index - 1]?.bytes ?? 0));
});
