import type { CommandRunner } from './command-runner';
import { hashOf } from './hash-of';
import { hostDigest, hostDigests } from './host-commands';
import type { HostFiles } from './host-files';
import { SshError } from '../ssh-error';

// Bounds what one request and its answer are.
const FILES_AT_ONCE = 1_000;
const READ_AT_ONCE = 8;

/** SHA-256 of the first bytes of a file, by a program of the host, or by reading them back. */
export async function digestOf(
  runner: CommandRunner,
  read: (end: number) => AsyncIterable<Buffer>,
  path: string,
  length: number
): ReturnType<HostFiles['digest']> {
  const sha256 = await hostDigest(runner, path, length);
  if (sha256 !== undefined) return { sha256, by: 'host' };
  return { sha256: (await hashOf(read(length))).sha256, by: 'read-back' };
}

/** SHA-256 of whole files, by a program of the host, or by reading them back. */
export async function digestsOf(
  runner: CommandRunner,
  files: Pick<HostFiles, 'read' | 'stat' | 'resolve'>,
  paths: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (let at = 0; at < paths.length; at += FILES_AT_ONCE) {
    const some = paths.slice(at, at + FILES_AT_ONCE);
    const sums = (await hostDigests(runner, some)) ?? (await readBack(files, some));
    for (const [path, sum] of sums) all.set(path, sum);
  }
  return all;
}

async function readBack(
  files: Pick<HostFiles, 'read' | 'stat' | 'resolve'>,
  paths: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const sums = new Map<string, string>();
  const left = [...paths];
  const work = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      try {
        // To open a named pipe would wait for another that opens it.
        if ((await files.stat(await files.resolve(path)))?.kind !== 'file') continue;
        sums.set(path, (await hashOf(files.read(path, 0))).sha256);
      } catch (error) {
        if (!(error instanceof SshError) || !UNREADABLE.has(error.type)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
  return sums;
}

const UNREADABLE: ReadonlySet<string> = new Set([
  'SshTransferNotFound',
  'SshTransferPermissionDenied',
  'SshTransferTargetUnsuitable',
  'SshTransferFailed',
]);
