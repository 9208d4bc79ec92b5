import { posix } from 'node:path';
import type { SshFailureType } from '../../contract';
import type { SshError } from '../ssh-error';
import type { FailureParts } from '../stage-clock';
import { errnoFailure } from './errno-failure';
import type { HostShell } from './host-shell';
import { pathWord } from './host-script';
import type { SftpSession } from './sftp-session';
import { SFTP_STATUS, SftpStatus } from './ssh2-sftp';

/** What was asked for. */
export interface SftpAct {
  /** Follows "could not": "write". */
  readonly verb: string;
  readonly path: string;
  /** Something is to be stored: so many bytes, 0 for a directory's entry. @default nothing is */
  readonly bytes?: number;
}

const KNOWN: Readonly<Record<number, readonly [SshFailureType, string]>> = {
  [SFTP_STATUS.noSuchFile]: ['SshTransferNotFound', 'it is not there'],
  [SFTP_STATUS.permissionDenied]: ['SshTransferPermissionDenied', 'permission is denied'],
  [SFTP_STATUS.opUnsupported]: ['SshTransferUnsupported', 'the server cannot do that'],
};

/**
 * Makes the failure that a request's rejection is. A status of SFTP says little: OpenSSH has one for all of a full disk, a
 * quota, a read-only file system and a directory in the place of a file. So the host is asked which it was.
 */
export class SftpFailures {
  constructor(
    private readonly session: SftpSession,
    private readonly shell: HostShell
  ) {}

  /** Does something, and makes what it fails with a failure of its kind. */
  async during<T>(act: SftpAct, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw await this.of(error, act);
    }
  }

  /** What a rejection means; what is no status stays as it is. */
  async of(error: unknown, act: SftpAct): Promise<unknown> {
    if (!(error instanceof SftpStatus)) return error;
    const known = KNOWN[error.code];
    if (known) return this.#make(error, act, known[0], known[1]);
    const cause = error.code === SFTP_STATUS.failure ? await this.#find(act) : undefined;
    return this.#make(error, act, ...(cause ?? (['SshTransferFailed', 'the server does not say why'] as const)));
  }

  #make(error: SftpStatus, { verb, path }: SftpAct, type: SshFailureType, why: string): SshError {
    const serverText = error.text;
    const parts: FailureParts = {
      what: `could not ${verb} ${path}: ${why}`,
      ...(serverText && { serverText }),
      cause: error,
    };
    return this.session.failure(type, parts);
  }

  async #find({ path, bytes }: SftpAct): Promise<readonly [SshFailureType, string] | undefined> {
    const found = (await this.#fromFileSystem(path, bytes)) ?? (await this.#fromFile(path));
    if (found || bytes === undefined) return found;
    return this.#fromProbe(path);
  }

  async #fromFileSystem(path: string, bytes?: number): Promise<readonly [SshFailureType, string] | undefined> {
    if (bytes === undefined || !this.session.offers('statvfs@openssh.com', '2')) return undefined;
    // The directory is there if the file is not.
    for (const at of [posix.dirname(path), path]) {
      const facts = await this.#quietly<FileSystemFacts>((sftp, done) => sftp.ext_openssh_statvfs(at, done));
      if (!facts) continue;
      if ((facts.f_flag & READ_ONLY) !== 0) return ['SshTransferReadOnly', 'its file system is read-only'];
      if (facts.f_bavail * facts.f_frsize < Math.max(bytes, 1))
        return ['SshTransferNoSpace', 'its file system is full'];
      if (facts.f_files > 0 && facts.f_favail === 0)
        return ['SshTransferNoSpace', 'its file system has no inodes left'];
    }
    return undefined;
  }

  async #fromFile(path: string): Promise<readonly [SshFailureType, string] | undefined> {
    const facts = await this.#quietly<{ readonly mode?: number }>((sftp, done) => sftp.stat(path, done));
    const type = (facts?.mode ?? REGULAR) & TYPE;
    if (type === REGULAR) return undefined;
    return ['SshTransferTargetUnsuitable', type === DIRECTORY ? 'it is a directory' : 'it is no regular file'];
  }

  /** Writes a little beside it, by a program that says why it cannot. */
  async #fromProbe(path: string): Promise<readonly [SshFailureType, string] | undefined> {
    const probe = pathWord(`${path}.probe`);
    try {
      const end = await this.shell.script(
        `umask 077; dd if=/dev/zero of=${probe} bs=65536 count=4; code=$?; rm -f -- ${probe}; (exit $code)`
      );
      const failure = end && end.code !== 0 ? errnoFailure(end.stderr) : undefined;
      return failure && [failure.type, `the host ${failure.what}`];
    } catch {
      // Why it failed is not worth another failure.
      return undefined;
    }
  }

  async #quietly<T>(send: Parameters<typeof this.session.request<T>>[0]): Promise<T | undefined> {
    try {
      return await this.session.request<T>(send);
    } catch {
      // Its own failure, if it is one of the session, comes with the next request.
      return undefined;
    }
  }
}

interface FileSystemFacts {
  readonly f_flag: number;
  readonly f_bavail: number;
  readonly f_frsize: number;
  readonly f_files: number;
  readonly f_favail: number;
}

// PROTOCOL of OpenSSH, section 4.4
const READ_ONLY = 0x1;

const TYPE = 0o170_000;
const REGULAR = 0o100_000;
const DIRECTORY = 0o040_000;
