import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import type { SshOptions } from '../../activities';
import type { SshTransferResult } from '../../contract';
import { AttemptInterrupted } from '../../ssh/files/attempt-interrupted';
import type { TransferOptions } from '../../ssh/files/transfer-options';
import { SshError } from '../../ssh/ssh-error';
import { assertNothingLeft } from '../support/handles';
import { makeKeyFiles } from '../support/key-files';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { failureOf } from './failure-of';
import { hostConfig } from './mock-step';
import { mockTransfers } from './mock-transfer';

const SECRET = 'hunter2-secret';
const keys = makeScratch();
const key = makeKeyFiles(join(keys.path, 'key'));
after(() => keys.remove());
const box = { address: '127.0.0.1', user: 'u', credential: { privateKeyFile: key.file }, hostKey: key.fingerprint };
const BOX: SshOptions = { hosts: { hosts: { box } } };
const UPLOAD = { host: 'box', from: 'tmp:x', to: '/opt/x' };
const PART = `/opt/.x.${'0'.repeat(16)}.part`;

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A worker whose uploads are done by a function. */
function fakeUploads(
  upload: (options: TransferOptions, request: Readonly<Record<string, unknown>>) => Promise<unknown>,
  options: Partial<SshOptions> = {}
): ReturnType<typeof mockTransfers> {
  const files = { roots: { tmp: { path: '/tmp', access: 'read-write' } } } as const;
  return mockTransfers(
    { ...BOX, files, ...options },
    {
      uploadFile: async (_pool, _target, request, given) => {
        const what = request as unknown as Readonly<Record<string, unknown>>;
        return (await upload(given, what)) as SshTransferResult;
      },
    }
  );
}

function failure(type: ConstructorParameters<typeof SshError>[0], message = 'box: no.'): SshError {
  return new SshError(type, {
    message,
    details: { stage: 'run', host: 'box', elapsedMs: 1, commandMayHaveRun: true },
  });
}

void test('four activities against OpenSSH: a file up and down, content with a secret, a directory', async (t) => {
  const sshd = await startSshd({ t });
  const scratch = makeScratch({ t }).path;
  const [local, remote] = [join(scratch, 'local'), join(scratch, 'remote')];
  for (const directory of [local, remote, join(local, 'site')]) mkdirSync(directory);
  writeFileSync(join(local, 'app.tgz'), 'new', { mode: 0o755 });
  writeFileSync(join(local, 'site', 'index.html'), '<html>');
  const run = mockTransfers({
    hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user }) } },
    files: { roots: { here: { path: local, access: 'read-write' } }, secrets: { api: () => SECRET } },
  });
  await assertNothingLeft(async () => {
    const to = join(remote, 'app.tgz');
    const up = await run('sshUpload', { host: 'box', from: 'here:app.tgz', to }).result;
    assert.deepEqual([up.bytes, up.sha256, up.changed, up.path], [3, sha256('new'), true, to]);
    assert.equal(readFileSync(to, 'utf8'), 'new');
    assert.equal(statSync(to).mode & 0o777, 0o755);

    const down = await run('sshDownload', { host: 'box', from: to, to: 'here:back/app.tgz', mode: '0600' }).result;
    assert.equal(down.changed, true);
    assert.equal(readFileSync(join(local, 'back', 'app.tgz'), 'utf8'), 'new');
    assert.equal(statSync(join(local, 'back', 'app.tgz')).mode & 0o777, 0o600);

    const values = { port: 80, key: { secret: 'api' } };
    const conf = join(remote, 'app.conf');
    const put = await run('sshPutFile', { host: 'box', to: conf, content: 'p={{port}} k={{key}}', values }).result;
    assert.equal(readFileSync(conf, 'utf8'), `p=80 k=${SECRET}`);
    assert.equal(statSync(conf).mode & 0o777, 0o600);
    assert.equal(put.sha256, undefined);
    assert.equal(JSON.stringify(put).includes(sha256(`p=80 k=${SECRET}`)), false);

    const synced = await run('sshSync', { host: 'box', from: 'here:site', to: join(remote, 'www') }).result;
    assert.deepEqual([synced.files, synced.created], [1, 1]);
    assert.equal(readFileSync(join(remote, 'www', 'index.html'), 'utf8'), '<html>');
  });
  assert.deepEqual(readdirSync(remote).sort(), ['app.conf', 'app.tgz', 'www']);
});

void test('a validate command that prints a secret: the failure has nothing of it', async (t) => {
  const sshd = await startSshd({ t });
  const to = join(makeScratch({ t }).path, 'conf');
  const run = mockTransfers({
    hosts: { hosts: { box: hostConfig(sshd, { user: sshd.user }) } },
    files: { secrets: { api: () => SECRET } },
  });
  const validate = 'cat {}; cat {} >&2; sha256sum {} >&2; exit 3';
  const input = { host: 'box', to, content: 'k={{key}}', values: { key: { secret: 'api' } }, validate };
  const refused = await failureOf(run('sshPutFile', input).result);
  assert.deepEqual([refused.type, refused.details.exitCode], ['SshTransferValidateFailed', 3]);
  const told = JSON.stringify(refused);
  assert.ok(!told.includes(SECRET) && !told.includes(sha256(`k=${SECRET}`)), told);
  assert.match(refused.message, /ended with exit code 3/);
});

void test('what the worker does not allow: no root, no secret', async () => {
  const run = mockTransfers(BOX);
  const noRoot = await failureOf(run('sshUpload', UPLOAD).result);
  assert.deepEqual([noRoot.type, noRoot.nonRetryable, noRoot.details.stage], ['SshTransferNotAllowed', true, 'config']);
  const input = { host: 'box', to: '/x', content: '{{a}}', values: { a: { secret: 'api' } } };
  const noSecret = await failureOf(run('sshPutFile', input).result);
  assert.equal(noSecret.type, 'SshTransferNotAllowed');
  assert.match(noSecret.message, /no secret api/);
});

void test('bad options: all at once, and nothing is done', async () => {
  const run = fakeUploads(() => Promise.reject(new Error('was not to be asked')));
  const refused = await failureOf(run('sshUpload', { ...UPLOAD, mode: 5, to: '/x/' }).result);
  assert.deepEqual([refused.type, refused.nonRetryable], ['SshInvalidOptions', true]);
  assert.match(refused.message, /^sshUpload:\n {2}to: .*\n {2}mode: /);
});

void test('a failure is never SshOutcomeUnknown, and is tried again where that may help', async () => {
  for (const [type, retried] of [
    ['SshConnectionLost', true],
    ['SshRunTimeout', true],
    ['SshIdleTimeout', true],
    ['SshTransferCorrupted', true],
    ['SshTransferNoSpace', false],
  ] as const) {
    const run = fakeUploads(() => Promise.reject(failure(type)));
    const failed = await failureOf(run('sshUpload', UPLOAD).result);
    assert.deepEqual([failed.type, failed.nonRetryable], [type, !retried]);
    assert.equal(failed.delayMs !== undefined, retried);
  }
});

void test('what the engine is given: deadlines, a key for all attempts of one step, the part of an earlier one', async () => {
  const given: TransferOptions[] = [];
  const run = fakeUploads((options) => {
    given.push(options);
    return Promise.resolve({});
  });
  const heartbeatDetails = { phase: 'transfer', bytes: 5, file: 'x', part: PART };
  const retryPolicy = { maximumAttempts: 3 };
  await run('sshUpload', UPLOAD).result;
  await run('sshUpload', UPLOAD, { attempt: 2, retryPolicy, heartbeatDetails }).result;
  await run('sshUpload', UPLOAD, { attempt: 3, retryPolicy, heartbeatDetails: { part: '/etc/passwd' } }).result;
  const timeouts = { run: '1h', idle: '5s', banner: '2s' };
  await run('sshUpload', { ...UPLOAD, timeouts }, { activityId: 'another' }).result;
  assert.deepEqual(
    given.map(({ attempt, last, earlierPart, deadlines: { run: whole, idle, banner } }) => [
      ...[attempt, last, earlierPart, whole, idle, banner],
    ]),
    [
      [1, false, undefined, undefined, 60_000, 60_000],
      [2, false, PART, undefined, 60_000, 60_000],
      [3, true, undefined, undefined, 60_000, 60_000],
      [1, false, undefined, 3_600_000, 5_000, 2_000],
    ]
  );
  const keys = given.map(({ key }) => key);
  assert.match(keys[0] ?? '', /^[0-9a-f]{64}$/);
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[0], keys[3]);
});

void test('a cancellation ends it as cancelled; a shutdown leaves the unfinished copy to the next attempt', async () => {
  for (const [details, reason] of [
    [{ cancelRequested: true }, CancelledFailure],
    [{ workerShutdown: true }, AttemptInterrupted],
    [{ paused: true }, AttemptInterrupted],
  ] as const) {
    let begun = (): void => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const seen: unknown[] = [];
    const run = fakeUploads(async ({ signal }) => {
      begun();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      seen.push(signal.reason);
      throw failure('SshConnectionLost');
    });
    const upload = run('sshUpload', UPLOAD);
    await running;
    upload.interrupt('CANCELLED', details);
    const [ended] = await Promise.allSettled([upload.result]);
    assert.ok(ended?.status === 'rejected' && ended.reason instanceof CancelledFailure);
    assert.ok(seen[0] instanceof reason);
  }
});

void test('heartbeats: the stage, the file, the bytes; a part is told at once, and that of an earlier attempt until then', async () => {
  const run = fakeUploads(({ observer, onProgress }) => {
    observer?.onStage?.('banner');
    onProgress?.({ phase: 'transfer', file: 'tmp:x', bytes: 0, totalBytes: 10 });
    onProgress?.({ phase: 'transfer', file: 'tmp:x', bytes: 4, totalBytes: 10, part: PART.replaceAll('0', '1') });
    return Promise.resolve({});
  });
  const upload = run('sshUpload', UPLOAD, { heartbeatDetails: { part: PART } });
  await upload.result;
  const [first, last] = [upload.heartbeats[0], upload.heartbeats.at(-1)];
  assert.deepEqual(first, { phase: 'config', file: '/opt/x', bytes: 0, part: PART, bytesPerSecond: 0 });
  assert.deepEqual(
    { ...last, bytesPerSecond: 0 },
    {
      ...{ phase: 'transfer', file: 'tmp:x', bytes: 4, totalBytes: 10, bytesPerSecond: 0 },
      part: PART.replaceAll('0', '1'),
    }
  );
});
