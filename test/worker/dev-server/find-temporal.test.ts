import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { DevServerError, TEMPORAL_CLI_VERSION, findTemporal } from '../../../worker/dev-server';
import type { DevServerErrorCode, FindTemporalOptions, TemporalSource } from '../../../worker/dev-server';
import { downloadWithSdk } from '../../../worker/dev-server/sdk-download';
import { scratch, until } from '../processes';
import { fakeTemporal, program } from './fake-programs';

interface Place {
  readonly home: string;
  readonly bin: string;
  readonly cacheDir: string;
  find(env?: NodeJS.ProcessEnv, more?: FindTemporalOptions): Promise<TemporalSource>;
}

/** An environment of its own, in which a download fails at once: nothing listens on port 1. */
function place(t: TestContext): Place {
  const home = scratch(t);
  const bin = join(home, 'bin');
  const cacheDir = join(home, 'cache');
  const base = { HOME: home, PATH: `${bin}:/usr/bin:/bin`, HTTPS_PROXY: 'http://127.0.0.1:1' };
  mkdirSync(bin);
  return {
    home,
    bin,
    cacheDir,
    find: (env = {}, more = {}) => findTemporal({ env: { ...base, ...env }, cacheDir, ...more }),
  };
}

function failure(code: DevServerErrorCode, ...patterns: readonly RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DevServerError, String(error));
    assert.equal(error.code, code);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };
}

const FAKE_GO = `
[ "$PWD" = "$GOBIN" ] && [ "$CGO_ENABLED" = 0 ] && [ -z "$GOOS" ] || exit 9
[ "$*" = "install github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}" ] || exit 8
printf '#!/bin/sh\\necho temporal version built\\n' > "$GOBIN/temporal"`;

test('each way comes before those behind it', async (t) => {
  const { home, bin, cacheDir, find } = place(t);
  const cached = join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`);
  // From the last way to the first: each one that is added has to win.
  program(bin, 'go', FAKE_GO);
  assert.deepEqual(await find({ GOOS: 'plan9' }), {
    kind: 'binary',
    path: join(cached, 'temporal'),
    version: 'temporal version built',
    from: 'go install',
  });
  assert.deepEqual(readdirSync(cacheDir), [`temporal-${TEMPORAL_CLI_VERSION}`]);
  assert.equal((await find()).from, 'cache');
  fakeTemporal(bin, 'on PATH');
  assert.deepEqual(await find(), {
    kind: 'binary',
    path: join(bin, 'temporal'),
    version: 'temporal version on PATH',
    from: 'PATH',
  });
  const named = fakeTemporal(join(home, 'named'), 'named');
  assert.equal((await find({ TEMPORAL_CLI_PATH: named })).from, 'TEMPORAL_CLI_PATH');
  const config = join(home, 'temporal.toml');
  writeFileSync(config, '[profile.default]\naddress = "profile:7233"\nnamespace = "of-profile"\n');
  const withFile = { TEMPORAL_CLI_PATH: named, TEMPORAL_CONFIG_FILE: config };
  assert.deepEqual(await find(withFile), {
    kind: 'server',
    address: 'profile:7233',
    namespace: 'of-profile',
    from: 'profile default of temporal.toml',
  });
  assert.deepEqual(await find({ ...withFile, TEMPORAL_ADDRESS: 'here:1', TEMPORAL_NAMESPACE: 'n' }), {
    kind: 'server',
    address: 'here:1',
    namespace: 'n',
    from: 'TEMPORAL_ADDRESS',
  });
});

test('a wrong TEMPORAL_CLI_PATH is an error, whatever else there is', async (t) => {
  const { home, bin, find } = place(t);
  fakeTemporal(bin, 'on PATH');
  const wrong = (path: string, pattern: RegExp): Promise<void> =>
    assert.rejects(
      find({ TEMPORAL_CLI_PATH: path }),
      failure('DevServerInvalidOptions', /^TEMPORAL_CLI_PATH/, pattern)
    );
  await wrong(join(home, 'none'), /none does not exist.*unset it/);
  await wrong(home, /is not a file/);
  await wrong(program(home, 'fails', 'echo broken >&2; exit 3'), /fails --version ended with exit code 3: broken/);
  await wrong(program(home, 'other', 'echo hello'), /other is not the Temporal CLI: --version printed "hello"/);
  writeFileSync(join(home, 'garbage'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]), { mode: 0o755 });
  await wrong(join(home, 'garbage'), /garbage --version ended with exit code 12[67]/);
  writeFileSync(join(home, 'no-mode'), '');
  chmodSync(join(home, 'no-mode'), 0o644);
  await wrong(join(home, 'no-mode'), /is not executable \(chmod \+x\)/);
});

test('a client configuration that cannot be read is an error', async (t) => {
  const { home, find } = place(t);
  const config = join(home, 'temporal.toml');
  writeFileSync(config, '[profile.default]\n');
  const env = { TEMPORAL_CONFIG_FILE: config, TEMPORAL_PROFILE: 'missing' };
  await assert.rejects(find(env), failure('DevServerInvalidOptions', /'missing' not found/, /TEMPORAL_PROFILE/));
});

test('a binary that does not work is passed over, and fetched again', async (t) => {
  const { bin, cacheDir, find } = place(t);
  program(bin, 'temporal', 'exit 1');
  program(join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`), 'temporal', 'exit 1');
  program(bin, 'go', FAKE_GO);
  assert.equal((await find()).from, 'go install');
  assert.equal((await find()).from, 'cache');
});

test('when nothing works, the error tells what was tried, why not, and what to do', async (t) => {
  const { bin, cacheDir, find } = place(t);
  program(bin, 'temporal', 'echo no such library; exit 127');
  program(bin, 'go', 'echo "go: module not found" >&2; exit 1');
  const progress: string[] = [];
  const reasons = [
    'TEMPORAL_ADDRESS, client profile: no address',
    'TEMPORAL_CLI_PATH: not set',
    'PATH: .*/bin/temporal --version ended with exit code 127: no such library',
    'cache: .*/temporal does not exist',
    'download: .+',
    'go install: go install github.com/temporalio/cli/cmd/temporal@v.* ended with exit code 1: go: module not found',
  ];
  const inOrder = new RegExp(reasons.map((reason) => `  - ${reason}\n`).join(''));
  await assert.rejects(
    find({}, { onProgress: (message) => progress.push(message) }),
    failure(
      'TemporalNotFound',
      inOrder,
      /brew install temporal/,
      /temporal\.download/,
      /set TEMPORAL_ADDRESS/,
      /go install/
    )
  );
  assert.match(progress.join('\n'), /^Downloading.*\nBuilding.*three minutes/);
  assert.deepEqual(readdirSync(cacheDir), [], 'nothing half done is left');
});

test('two builds at once both get a binary', async (t) => {
  const { bin, find } = place(t);
  program(bin, 'go', `sleep 0.3\n${FAKE_GO}`);
  const found = await Promise.all([find(), find(), find()]);
  assert.equal(new Set(found.map((source) => source.kind === 'binary' && source.path)).size, 1);
  assert.ok(found.every(({ from }) => from === 'go install'));
});

test('an abort ends the build and removes what it has left', async (t) => {
  const { home, bin, cacheDir, find } = place(t);
  const marker = join(home, 'building');
  program(bin, 'go', `touch ${marker}; sleep 300 & wait`);
  const controller = new AbortController();
  const search = find({}, { signal: controller.signal });
  const rejected = assert.rejects(search, /enough/);
  await until('the build has begun', () => existsSync(marker));
  controller.abort(new Error('enough'));
  await rejected;
  assert.deepEqual(readdirSync(cacheDir), []);
});

test('a download is kept, also when its server did not start; old leftovers are removed', async (t) => {
  const { home, cacheDir } = place(t);
  const leftover = join(cacheDir, '.tmp-crashed');
  mkdirSync(leftover, { recursive: true });
  utimesSync(leftover, new Date(0), new Date(0));
  const testing = join(home, 'testing.js');
  writeFileSync(
    testing,
    `const fs = require('node:fs'), path = require('node:path');
    exports.TestWorkflowEnvironment = { createLocal: async ({ server: { executable } }) => {
      if (executable.type !== 'cached-download' || executable.version !== 'v${TEMPORAL_CLI_VERSION}') throw new Error('bad');
      const write = (name, text, mode) => fs.writeFileSync(path.join(executable.downloadDir, name), text, { mode });
      write('temporal-sdk', '#!/bin/sh\\necho temporal version downloaded\\n', 0o755);
      write('note.txt', 'x'.repeat(1000), 0o644);
      throw new Error('no server here');
    } };`
  );
  const path = await downloadWithSdk({ env: process.env, cacheDir, onProgress: () => undefined }, testing);
  assert.equal(path, join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`, 'temporal'));
  const source = await findTemporal({ env: { HOME: home, PATH: '/usr/bin:/bin' }, cacheDir });
  assert.equal(source.kind === 'binary' && source.version, 'temporal version downloaded');
  assert.deepEqual(readdirSync(cacheDir), [`temporal-${TEMPORAL_CLI_VERSION}`]);
});
