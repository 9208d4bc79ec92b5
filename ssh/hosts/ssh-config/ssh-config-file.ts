import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { quoteArgument } from '../../../contract';
import { resolveConfigPath } from '../config-path';
import { describeIoError } from '../private-file';
import { expandGlob } from './config-glob';
import { SshConfigSyntaxError, parseLine } from './parse-line';
import type { ConfigLine, Place } from './parse-line';

/** A line, or what an `Include` has brought in. */
export type ConfigNode = ConfigLine | { readonly included: readonly (readonly ConfigNode[])[] };

/** OpenSSH's `READCONF_MAX_DEPTH`. */
const MAX_DEPTH = 16;

/** What is larger is some other file. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Within this time a file system's clock may not tell two changes apart, in milliseconds. */
const RACY_MS = 2_000;

/** What a file looks like from outside: it differs when the content may; `undefined` for no file. */
function stampOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  // Of a file that was changed a moment ago, the next change may not show.
  const racy = Math.abs(Date.now() - Number(stat.ctimeMs)) < RACY_MS ? `:${process.hrtime.bigint()}` : '';
  return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs, stat.mode, stat.uid].join(':') + racy;
}

/** OpenSSH's configuration with all that it includes, read again when any of it has changed. */
export class SshConfigFile {
  readonly path: string;
  #nodes: readonly ConfigNode[] = [];
  #stamps: Map<string, string | undefined> | undefined;
  #globs = new Map<string, string>();

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Takes notice of changes. Throws {@link SshConfigSyntaxError} for what is wrong with the text, and an error of the file
   * system for a file that cannot be read; what was read before is then no longer there.
   */
  nodes(): readonly ConfigNode[] {
    if (this.#stamps && this.#isUnchanged(this.#stamps)) return this.#nodes;
    const stamps = new Map<string, string | undefined>();
    this.#stamps = undefined;
    this.#globs = new Map();
    this.#nodes = this.#read(this.path, 0, stamps);
    this.#stamps = stamps;
    return this.#nodes;
  }

  #isUnchanged(stamps: ReadonlyMap<string, string | undefined>): boolean {
    return (
      [...stamps].every(([path, stamp]) => stampOf(path) === stamp) &&
      [...this.#globs].every(([pattern, found]) => expandGlob(pattern).join('\n') === found)
    );
  }

  #read(path: string, depth: number, stamps: Map<string, string | undefined>): readonly ConfigNode[] {
    stamps.set(path, stampOf(path));
    const problem = problemOfFile(path);
    if (problem !== undefined) throw new SshConfigSyntaxError({ file: path, line: 1 }, problem);
    const nodes: ConfigNode[] = [];
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((text, index) => {
        const line = parseLine(text, { file: path, line: index + 1 });
        if (line === undefined) return;
        nodes.push(line.key === 'include' ? { included: this.#include(line, depth + 1, stamps) } : line);
      });
    return nodes;
  }

  #include(line: ConfigLine, depth: number, stamps: Map<string, string | undefined>): (readonly ConfigNode[])[] {
    if (depth > MAX_DEPTH)
      throw new SshConfigSyntaxError(line, `expected at most ${MAX_DEPTH} files that include each other`);
    return line.args.flatMap((arg) => {
      // A variable or another user's home directory would be another file than OpenSSH's.
      if (/^~[^/]|\$\{/.test(arg))
        throw new SshConfigSyntaxError(line, `Include: expected a path, found ${JSON.stringify(arg)}`);
      const pattern = resolveConfigPath(arg, join(homedir(), '.ssh'));
      const paths = expandGlob(pattern);
      this.#globs.set(pattern, paths.join('\n'));
      return paths.flatMap((path) => this.#readIncluded(path, line, depth, stamps));
    });
  }

  #readIncluded(
    path: string,
    place: Place,
    depth: number,
    stamps: Map<string, string | undefined>
  ): (readonly ConfigNode[])[] {
    try {
      return [this.#read(path, depth, stamps)];
    } catch (error) {
      if (error instanceof SshConfigSyntaxError) throw error;
      // As OpenSSH does: a file that is not there is no mistake, one that cannot be read is.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw new SshConfigSyntaxError(place, `Include: expected a file at ${path}, found ${describeIoError(error)}`);
    }
  }
}

/** Why a file must not be used: whoever may write it may run commands on the worker, and say which host keys are right. */
function problemOfFile(path: string): string | undefined {
  const stat = statSync(path);
  if (stat.size > MAX_BYTES) return `expected at most ${MAX_BYTES} bytes, found ${stat.size}`;
  // Reading would wait for somebody who writes.
  if (stat.isFIFO() || stat.isSocket()) return 'expected a regular file';
  if (!process.getuid || !stat.isFile()) return undefined;
  if (stat.uid !== 0 && stat.uid !== process.getuid()) return "expected a file of the worker's user or of root";
  if ((stat.mode & 0o022) === 0) return undefined;
  return `expected a file that only its owner can write, found mode ${(stat.mode & 0o777).toString(8)}; close it with: chmod go-w ${quoteArgument(path)}`;
}
