import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch } from '../support/scratch';
import type { Owned } from '../support/test-owner';
import { projectRoot } from './project-root';

/** The package as its users get it. */
export interface PackedPackage {
  readonly tarball: string;
  /** A project whose `node_modules` holds the unpacked package, and links to our own ones for what it depends on. */
  readonly consumer: string;
  /** `node_modules/temporal-ssh` of the consumer. */
  readonly directory: string;
  /** Paths in the package, sorted. */
  readonly files: readonly string[];
}

/** A program of our `node_modules`. */
export function localProgram(name: string): string {
  return join(projectRoot(), 'node_modules/.bin', name);
}

function linkDependencies(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@')) {
      mkdirSync(join(to, name));
      linkDependencies(join(from, name), join(to, name));
    } else symlinkSync(join(from, name), join(to, name));
  }
}

/** Packs what was built, and unpacks it as an installation would. */
export function packPackage({ t }: Owned): PackedPackage {
  const scratch = makeScratch(t === undefined ? {} : { t });
  // Without its scripts: the build, which runs around these tests, must not be removed by `prepack`.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch.path];
  const said = execFileSync('npm', args, {
    cwd: projectRoot(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(said) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack said: ${said}`);
  const tarball = join(scratch.path, packed.filename);
  const consumer = join(scratch.path, 'consumer');
  const modules = join(consumer, 'node_modules');
  const directory = join(modules, 'temporal-ssh');
  mkdirSync(modules, { recursive: true });
  linkDependencies(join(projectRoot(), 'node_modules'), modules);
  mkdirSync(directory);
  execFileSync('tar', ['-xzf', tarball, '-C', directory, '--strip-components=1']);
  return { tarball, consumer, directory, files: packed.files.map(({ path }) => path).sort() };
}
