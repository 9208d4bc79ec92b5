import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { quoteArgument } from '../../contract';

/** OpenSSH's limit for key files (`MAX_KEY_FILE_SIZE`). */
const MAX_BYTES = 1024 * 1024;

/** What the codes of the operating system mean, for messages. */
export function describeIoError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EACCES: 'a file that the worker may not read',
    ENOTDIR: 'a path that goes through a file',
    ELOOP: 'symbolic links without end',
    EISDIR: 'a directory',
    EFBIG: 'a file that is too large',
    EROFS: 'a file system that is read-only',
    ENOSPC: 'a file system that is full',
  };
  return words[code] ?? `the error ${code}`;
}

/**
 * Reads a file that holds a secret, and refuses it under OpenSSH's rule (`sshkey_perm_ok`): a file that the user of the
 * worker owns must be closed to all others. The owner of a file of somebody else is not ours to correct.
 *
 * @returns the content, or what was found instead and what to do, for a message
 */
export function readPrivateFile(path: string): FileResult {
  return readFile(path, true);
}

/** Reads a file that anybody may see, such as a certificate, with the same care otherwise. */
export function readPublicFile(path: string): FileResult {
  return readFile(path, false);
}

/** The content of a file, or what was found instead and what to do, for a message. */
type FileResult = { readonly content: Buffer } | { readonly found: string };

function readFile(path: string, secret: boolean): FileResult {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a named pipe would stop the whole worker until somebody writes to it.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) return { found: 'a directory' };
    if (!stat.isFile()) return { found: 'something that is no regular file' };
    if (secret && process.getuid && stat.uid === process.getuid() && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      return { found: `one that is open to others (mode ${mode}); close it with: chmod 600 ${quoteArgument(path)}` };
    }
    if (stat.size > MAX_BYTES) return { found: `a file of ${stat.size} bytes, more than ${MAX_BYTES}` };
    return { content: readFileSync(descriptor) };
  } catch (error) {
    return { found: describeIoError(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
