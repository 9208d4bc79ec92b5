import { posix } from 'node:path';
import type { Lease } from '../pool/lease';
import { digestOf, digestsOf } from './sftp-digests';
import type { HostCommandEnd, HostFileAttributes, HostFileEntry, HostFileFacts, HostFiles } from './host-files';
import type { HostShell } from './host-shell';
import { listSftpDirectory, statOf } from './list-sftp-directory';
import { openSftpWriter } from './open-sftp-writer';
import { readSftpFile } from './read-sftp-file';
import { SftpFailures } from './sftp-failure';
import type { SftpAct } from './sftp-failure';
import { SftpPlacing } from './sftp-placing';
import type { SftpSession, SftpCallback } from './sftp-session';
import { SFTP_STATUS, SftpStatus } from './ssh2-sftp';
import type { SftpWriter } from './sftp-writer';
import type { SFTPWrapper } from 'ssh2';

/** The file system of a host by SFTP. */
export class SftpFiles implements HostFiles {
  readonly via = 'sftp';
  readonly hostKeyFingerprint: string;
  readonly #failures: SftpFailures;
  readonly #placing: SftpPlacing;

  constructor(
    private readonly session: SftpSession,
    private readonly shell: HostShell,
    private readonly lease: Lease
  ) {
    this.hostKeyFingerprint = lease.connection.facts.hostKeyFingerprint;
    this.#failures = new SftpFailures(session, shell);
    this.#placing = new SftpPlacing(session, this.#failures, shell);
  }

  async resolve(path: string): Promise<string> {
    const realpath = (of: string): Promise<string> =>
      this.session.request((sftp, done) => sftp.realpath(of, done as never));
    const act = { verb: 'find', path };
    try {
      return await realpath(path);
    } catch (error) {
      // OpenSSH answers for a file that is not there as well.
      if (!isMissing(error)) throw await this.#failures.of(error, act);
    }
    const above = { ...act, path: posix.dirname(path) };
    const directory = await this.#failures.during(above, realpath(above.path));
    // It answers for a directory that is not there, too.
    await this.#failures.during(
      above,
      this.session.request((sftp, done) => sftp.stat(directory, done as never))
    );
    return posix.join(directory, posix.basename(path));
  }

  stat(path: string): Promise<HostFileFacts | undefined> {
    return statOf(this.session, this.#failures, path);
  }

  list(directory: string): AsyncIterable<HostFileEntry> {
    return listSftpDirectory(this.session, this.#failures, directory);
  }

  digest(path: string, length: number): ReturnType<HostFiles['digest']> {
    return digestOf(this.shell.asking, (end) => this.#read(path, 0, end), path, length);
  }

  digests(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return digestsOf(this.shell.asking, this, paths);
  }

  write(path: string, offset: number): Promise<SftpWriter> {
    return openSftpWriter(this.session, this.#failures, path, offset);
  }

  async writeWhole(path: string, content: Buffer): Promise<void> {
    const writer = await this.write(path, 0);
    try {
      await writer.write(content);
      await writer.finish();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  read(path: string, offset: number): AsyncIterable<Buffer> {
    return this.#read(path, offset);
  }

  setAttributes(path: string, attributes: HostFileAttributes): Promise<void> {
    return this.#placing.setAttributes(path, attributes);
  }

  keep(path: string, as: string): Promise<void> {
    return this.#placing.keep(path, as);
  }

  replace(from: string, to: string): Promise<void> {
    return this.#placing.replace(from, to);
  }

  async remove(path: string): Promise<void> {
    const removed = this.session.request((sftp, done) => sftp.unlink(path, done)).catch(unlessMissing);
    await this.#failures.during({ verb: 'remove', path, bytes: 0 }, removed);
  }

  async removeDirectory(path: string): Promise<void> {
    try {
      await this.session.request((sftp, done) => sftp.rmdir(path, done));
    } catch (error) {
      if (isMissing(error)) return;
      // There is no status of its own for one that is not empty.
      if (error instanceof SftpStatus && error.code === SFTP_STATUS.failure) {
        for await (const _ of this.list(path)) return;
      }
      throw await this.#failures.of(error, { verb: 'remove', path, bytes: 0 });
    }
  }

  async makeDirectory(path: string, mode: number): Promise<void> {
    const act: SftpAct = { verb: 'make directory', path, bytes: 0 };
    const [made, there] = await Promise.allSettled([
      this.session.request((sftp, done) => sftp.mkdir(path, { mode }, done)),
      this.session.request<{ isDirectory(): boolean }>((sftp, done: SftpCallback<never>) =>
        sftp.stat(path, done as never)
      ),
    ]);
    if (made.status === 'fulfilled') {
      // What was given is what the umask left of it.
      const set = this.session.request((sftp: SFTPWrapper, done) => sftp.setstat(path, { mode }, done));
      return this.#failures.during({ ...act, verb: 'set the mode of' }, set);
    }
    if (there.status === 'fulfilled') {
      if (there.value.isDirectory()) return;
      const what = `could not make directory ${path}: something else is there`;
      throw this.session.failure('SshTransferTargetUnsuitable', { what });
    }
    const parent = posix.dirname(path);
    if (!isMissing(made.reason) || parent === path) throw await this.#failures.of(made.reason, act);
    await this.makeDirectory(parent, mode);
    await this.makeDirectory(path, mode);
  }

  run(command: string): Promise<HostCommandEnd> {
    return this.shell.run(command);
  }

  async close(): Promise<void> {
    const { failed } = this.session;
    const answered = await this.session.close();
    await this.lease.release(answered && !failed);
  }

  #read(path: string, offset: number, end?: number): AsyncIterable<Buffer> {
    return readSftpFile(this.session, this.#failures, path, offset, end);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof SftpStatus && error.code === SFTP_STATUS.noSuchFile;
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
