import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { localProgram, packPackage } from './packed-package';
import type { PackedPackage } from './packed-package';

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

void describe('the packed package', () => {
  let packed: PackedPackage;
  const endings: (() => unknown)[] = [];
  before(() => {
    packed = packPackage({ t: { after: (fn) => void endings.push(fn as () => unknown) } });
  });
  after(async () => {
    for (const end of endings) await end();
  });
  const manifest = (): Manifest => JSON.parse(readFileSync(join(packed.directory, 'package.json'), 'utf8')) as Manifest;
  const check = (program: string, args: readonly string[]): void => {
    const { status, stdout, stderr } = spawnSync(localProgram(program), args, {
      encoding: 'utf8',
      cwd: packed.consumer,
    });
    assert.equal(status, 0, stdout + stderr);
  };

  void test('publint finds nothing', () => check('publint', ['run', packed.tarball, '--strict']));

  void test('attw finds nothing, for all ways to resolve', () => check('attw', [packed.tarball, '--no-emoji']));

  void test('holds what its users need', () => {
    const needed = [
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'package.json',
      'lib/cli/main.js',
      'lib/workflows/index.js',
    ];
    assert.deepEqual(
      needed.filter((file) => !packed.files.includes(file)),
      []
    );
  });

  void test('holds nothing else', () => {
    const folder = '(contract|workflows|ssh|activities|worker|client|cli)';
    const expected = [
      /^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/,
      new RegExp(`^lib/${folder}/.+\\.(js|js\\.map|d\\.ts|d\\.ts\\.map)$`),
      // What jobs send to their hosts.
      /^(lib\/)?ssh\/job\/host-side\.sh$/,
      // What the source maps point to.
      new RegExp(`^${folder}/.+\\.ts$`),
      /^docs\/.+\.(md|svg|png)$/,
      /^schemas\/.+\.json$/,
    ];
    const stray = packed.files.filter((file) => /\.test\./.test(file) || !expected.some((one) => one.test(file)));
    assert.deepEqual(stray, []);
  });

  void test('every source map finds its source', () => {
    const maps = packed.files.filter((file) => file.endsWith('.map'));
    assert.ok(maps.length > 0);
    for (const file of maps) {
      const map = join(packed.directory, file);
      const { sources, sourceRoot = '' } = JSON.parse(readFileSync(map, 'utf8')) as {
        sources: string[];
        sourceRoot?: string;
      };
      for (const source of sources) assert.ok(existsSync(join(map, '..', sourceRoot, source)), `${file}: ${source}`);
    }
  });

  void test('every compiled file has a source: nothing is left of an older build', () => {
    const compiled = packed.files.filter((file) => /^lib\/.*\.js$/.test(file));
    const orphans = compiled.filter((file) => !packed.files.includes(file.replace(/^lib\/(.*)\.js$/, '$1.ts')));
    assert.deepEqual(orphans, []);
  });

  void test('its commands run: shebang, mode and version', () => {
    const { bin, version } = manifest();
    assert.deepEqual(Object.keys(bin), ['temporal-ssh']);
    for (const file of Object.values(bin)) {
      const path = join(packed.directory, file);
      assert.match(readFileSync(path, 'utf8'), /^#!\/usr\/bin\/env node\n/);
      assert.ok((statSync(path).mode & 0o111) !== 0, `${file} is executable`);
      const { status, stdout, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8', cwd: packed.consumer });
      assert.deepEqual([status, stdout.trim(), stderr], [0, version, '']);
    }
  });

  void test('each entry loads by require and by import, with the same names', () => {
    const entries = Object.keys(manifest().exports).filter((entry) => entry !== './package.json');
    for (const entry of entries) {
      const name = entry.replace(/^\./, 'temporal-ssh');
      const names = `(module) => console.log(Object.keys(module).filter((key) => !['default', 'module.exports', '__esModule'].includes(key)).sort().join())`;
      const run = (code: string): string => {
        const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code], {
          encoding: 'utf8',
          cwd: packed.consumer,
        });
        assert.equal(status, 0, stderr);
        return stdout.trim();
      };
      const required = run(`(${names})(require('${name}'))`);
      assert.notEqual(required, '');
      assert.equal(run(`import('${name}').then(${names})`), required, name);
    }
  });

  void test('what is not an entry cannot be loaded', () => {
    const { stderr } = spawnSync(process.execPath, ['-e', `require('temporal-ssh/lib/ssh/ssh-error')`], {
      encoding: 'utf8',
      cwd: packed.consumer,
    });
    assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });
});
