import { readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import {
  MAX_CONTENT_BYTES,
  describeProblems,
  downloadProblems,
  putFileProblems,
  syncProblems,
  uploadProblems,
} from '../contract';
import type { SshRootPath, SshTransferRunInput } from '../contract';
import { CliError } from './cli-error';
import type { CpFlags } from './cp-command';
import { EXIT } from './exit-codes';

type Place =
  | { readonly kind: 'host'; readonly host: string; readonly path: string }
  | { readonly kind: 'root'; readonly at: SshRootPath }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'here'; readonly path: string };

/** Reads `HOST:PATH`, `@ROOT/PATH`, a URL, or a path on this machine. */
export function parsePlace(text: string): Place {
  const [, root, path] = /^@([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  if (root !== undefined) return { kind: 'root', at: { root, path: path === undefined || path === '' ? '.' : path } };
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text };
  const [, host, remote] = /^([^/:]+):(.+)$/s.exec(text) ?? [];
  return host !== undefined && remote !== undefined
    ? { kind: 'host', host, path: remote }
    : { kind: 'here', path: text };
}

/** What `temporal-ssh cp` starts. @throws {@link CliError} with the next step, before anything is started */
export function cpRequest(source: string, target: string, flags: CpFlags): SshTransferRunInput {
  const [from, to] = [parsePlace(source), parsePlace(target)];
  const step = { deadline: flags.deadline, ...shared(flags) };
  if (to.kind === 'host' && from.kind !== 'host') {
    const placing = placingOf(flags);
    const path = to.path.endsWith('/') && !flags.sync ? `${to.path}${posix.basename(nameOf(from))}` : to.path;
    if (flags.sync) {
      if (from.kind !== 'root') throw usage('--sync takes a directory of the worker: @ROOT/PATH as SOURCE.');
      const { delete: remove, dryRun } = flags;
      const more = { ...(remove && { delete: true }), ...(dryRun && { dryRun: true }) };
      const sync = { from: from.at, to: path, ...more, ...step, ...without(placing) };
      return checked({ host: to.host, sync }, syncProblems, sync, to.host);
    }
    requireNo(flags, ['delete', 'dryRun'], 'without --sync');
    if (from.kind === 'here') {
      const putFile = { to: path, ...contentOf(from.path), ...placing, ...step };
      requireNo(flags, ['sha256', 'times'], 'for a file that is sent as content');
      return checked({ host: to.host, putFile }, putFileProblems, putFile, to.host);
    }
    if (from.kind === 'url' && flags.sha256 === undefined) {
      throw usage('A file from the web needs its checksum: --sha256 HEX.');
    }
    const upload = {
      from: from.kind === 'root' ? from.at : { url: from.url, sha256: flags.sha256 as string },
      to: path,
      ...(flags.times && { times: true }),
      ...(from.kind === 'root' && flags.sha256 !== undefined && { sha256: flags.sha256 }),
      ...placing,
      ...step,
    };
    return checked({ host: to.host, upload }, uploadProblems, upload, to.host);
  }
  if (from.kind === 'host' && to.kind === 'root') {
    requireNo(
      flags,
      ['sync', 'delete', 'dryRun', 'owner', 'backup', 'validate', 'makeDirectories', 'times'],
      'from a host'
    );
    const inDirectory = to.at.path === '.' || to.at.path.endsWith('/');
    const path = inDirectory ? posix.join(to.at.path, posix.basename(from.path)) : to.at.path;
    const { sha256, mode } = flags;
    const download = {
      ...{ from: from.path, to: { ...to.at, path }, ...step },
      ...(sha256 !== undefined && { sha256 }),
      ...(mode !== undefined && { mode }),
    };
    return checked({ host: from.host, download }, downloadProblems, download, from.host);
  }
  if (from.kind === 'host' && to.kind === 'here') {
    throw usage(
      'The worker receives the file, and not this machine: name one of its roots as TARGET, @ROOT/PATH. ' +
        `A worker has roots by: temporal-ssh worker --root NAME=DIRECTORY:rw`
    );
  }
  throw usage('One side is a host, HOST:PATH, and the other one is @ROOT/PATH, a URL or a file of this machine.');
}

function nameOf(from: Place): string {
  if (from.kind === 'root') return from.at.path;
  return from.kind === 'url' ? from.url.replace(/[?#].*$/s, '') : from.path;
}

function contentOf(path: string): { readonly content: string; readonly encoding?: 'base64' } {
  const bytes = readHere(path);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes)
    ? { content: text }
    : { content: bytes.toString('base64'), encoding: 'base64' };
}

function readHere(path: string): Buffer {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw usage(`${path} is a directory: sync one of the worker's, with --sync @ROOT/PATH.`);
    if (stats.isFile() && stats.size <= MAX_CONTENT_BYTES) return readFileSync(path);
    if (!stats.isFile()) throw usage(`${path} is no regular file. Name a file.`);
    throw usage(
      `${path} has ${stats.size} bytes; a file of this machine is sent as content of the workflow, of at most ` +
        `${MAX_CONTENT_BYTES} bytes. Give the worker a root that has it (temporal-ssh worker --root NAME=DIRECTORY) ` +
        'and name it as @NAME/PATH.'
    );
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${path} cannot be read: ${(cause as Error).message}. Check the path.`, EXIT.usage, { cause });
  }
}

function shared({ via, timeout }: CpFlags): object {
  return { ...(via !== undefined && { via }), ...(timeout && { timeouts: timeout }) };
}

function placingOf({ mode, owner, backup, validate, makeDirectories }: CpFlags): object {
  return {
    ...(mode !== undefined && { mode }),
    ...(owner !== undefined && { owner }),
    ...(backup && { backup }),
    ...(validate !== undefined && { validate }),
    ...(makeDirectories && { makeDirectories }),
  };
}

/** The mode of a directory's files has another name; the rest of it is for one file, and is refused. */
function without(placing: { readonly mode?: string }): object {
  const { mode, ...others } = placing;
  return { ...others, ...(mode !== undefined && { fileMode: mode }) };
}

function requireNo(flags: CpFlags, names: readonly (keyof CpFlags)[], where: string): void {
  const given = names.filter((name) => flags[name] !== undefined);
  const option = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (given.length > 0) throw usage(`${given.map(option).join(', ')} cannot be used ${where}.`);
}

function checked(
  input: SshTransferRunInput,
  problemsOf: typeof uploadProblems,
  { deadline: _deadline, ...transfer }: { readonly deadline?: unknown },
  host: string
): SshTransferRunInput {
  const problems = problemsOf({ ...transfer, host });
  if (problems.length > 0) throw usage(describeProblems('cp', problems));
  return input;
}

function usage(message: string): CliError {
  return new CliError(message, EXIT.usage);
}
