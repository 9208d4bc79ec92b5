import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configError } from '../../ssh/ssh-error';
import { quoteArgument } from '../../contract';

const OTHERS = 0o077;

/**
 * Refuses a file or directory that somebody else owns or could read: OpenSSH's rule for private keys.
 *
 * Throws `SshConfigInvalid` with the command that puts it right.
 */
export function assertPrivate(path: string, kind: 'file' | 'directory'): void {
  const stat = statSync(path);
  if (kind === 'directory' ? !stat.isDirectory() : !stat.isFile()) {
    throw configError(
      'SshConfigInvalid',
      'local',
      `${path} is not a ${kind}. Move it away, or choose another directory.`
    );
  }
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid) {
    throw configError(
      'SshConfigInvalid',
      'local',
      `${path} belongs to user id ${stat.uid}, not to the user that runs this (${uid}). Choose a directory of your own.`
    );
  }
  if ((stat.mode & OTHERS) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    const advice = `chmod ${kind === 'directory' ? '700' : '600'} ${quoteArgument(path)}`;
    throw configError('SshConfigInvalid', 'local', `${path} is open to others (mode ${mode}). Run: ${advice}`);
  }
}

/** Makes a directory that only its owner can enter, or checks that it is one. Throws `SshConfigInvalid`. */
export function openPrivateDirectory(directory: string): void {
  try {
    // The mode of `mkdir` passes the umask, which may take bits of the owner's away; only a directory made here is changed.
    if (mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(directory, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      const reason = error instanceof Error ? error.message : String(error);
      throw configError('SshConfigInvalid', 'local', `The directory ${directory} cannot be made: ${reason}`, error);
    }
  }
  assertPrivate(directory, 'directory');
}

function writeTemporary(directory: string, content: string): string {
  const path = join(directory, `.tmp-${process.pid}-${randomBytes(6).toString('hex')}`);
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  chmodSync(path, 0o600);
  return path;
}

/** Replaces a file, mode 0600. A reader sees the old content or the new one, whatever happens in between. */
export function replaceFile(directory: string, name: string, content: string): string {
  const temporary = writeTemporary(directory, content);
  const path = join(directory, name);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  return path;
}

/**
 * Makes a file, mode 0600, unless it is there. Of two processes that do so at once the first one wins, and both go on
 * with its file: a rename would leave one of them with a key that is on no disk.
 */
export function createFileOnce(directory: string, name: string, content: () => string): string {
  const path = join(directory, name);
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  const temporary = writeTemporary(directory, content());
  try {
    linkSync(temporary, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // File systems without hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') renameSync(temporary, path);
    else if (code !== 'EEXIST') throw error;
  } finally {
    try {
      unlinkSync(temporary);
    } catch {
      // It was renamed.
    }
  }
  return path;
}
