import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './project-root';

const root = projectRoot();

/** All files that are, or would be, committed. */
function projectFiles(): readonly string[] {
  if (existsSync(join(root, '.git'))) {
    const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0');
    return names.filter((name) => name !== '' && existsSync(join(root, name)));
  }
  const walk = (directory: string): readonly string[] =>
    readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
      return ['node_modules', 'lib', '.git'].includes(entry.name) ? [] : walk(path);
    });
  return walk('.');
}

/** Text only: what holds a NUL byte is no text. */
const texts = projectFiles()
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
  .filter(({ text }) => !text.includes('\0'));

// Put together from pieces, so that this file does not find itself.
const slash = '/';
const dot = '\\.';
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'a path of one machine': new RegExp(
    `(^|[^\\w./-])${slash}(root|work|Users|home${slash}(?!deploy|user|app|you)\\w+)${slash}`
  ),
  'a host of a package registry': new RegExp(
    ['registry.npm', 'registry.yarn', 'proxy.go', 'sum.go', 'deb.deb', 'archive.ubu', 'pypi.o']
      .map((begin, index) => begin.replace('.', dot) + ['js', 'pkg', 'lang', 'lang', 'ian', 'ntu', 'rg'][index])
      .join('|')
  ),
};

void test('there are files to look at', () => {
  assert.ok(texts.some(({ file }) => file === 'package.json'));
  assert.ok(texts.length > 50, `${texts.length} files`);
});

for (const [what, pattern] of Object.entries(FORBIDDEN)) {
  void test(`no file names ${what}`, () => {
    const found = texts
      .filter(({ file }) => file !== 'package-lock.json')
      .flatMap(({ file, text }) =>
        text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []))
      );
    assert.deepEqual(found, []);
  });
}

void test('the patterns find what they are for', () => {
  const samples = [
    `see ${slash}root${slash}x`,
    `"${slash}home${slash}me${slash}x"`,
    `https://registry.${'npmjs'}.org/x`,
    `deb.${'debian'}.org`,
  ];
  for (const sample of samples)
    assert.ok(
      Object.values(FORBIDDEN).some((pattern) => pattern.test(sample)),
      sample
    );
});

void test('package-lock.json names no registry but the public one', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { resolved?: string; link?: boolean }>>;
  };
  const hosts = Object.values(lock.packages).flatMap(({ resolved, link }) =>
    resolved === undefined || link === true ? [] : [new URL(resolved).host]
  );
  // Without any, as it is with `omit-lockfile-registry-resolved`, npm takes the registry of whoever installs.
  assert.deepEqual(
    hosts.filter((host) => host !== ['registry', 'npmjs', 'org'].join('.')),
    []
  );
});

void test('no file of ours is longer than 250 lines', () => {
  const ours = texts.filter(({ file }) => /\.(ts|mts|cts|mjs|js)$/.test(file) && !file.startsWith('test/histories/'));
  const long = ours
    .map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 250);
  assert.deepEqual(long, []);
});
