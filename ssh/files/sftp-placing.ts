import type { SshError } from '../ssh-error';
import { errnoFailure } from './errno-failure';
import type { HostFileAttributes } from './host-files';
import { pathWord } from './host-script';
import type { HostShell } from './host-shell';
import type { SftpAttributes } from './sftp-attributes';
import type { SftpAct, SftpFailures } from './sftp-failure';
import type { SftpSession } from './sftp-session';
import { SFTP_STATUS, SftpStatus } from './ssh2-sftp';
import { quoteShell } from '../job/job-payload';

/** What makes a file that was written the one that is read: attributes, another name, the place of another. */
export class SftpPlacing {
  constructor(
    private readonly session: SftpSession,
    private readonly failures: SftpFailures,
    private readonly shell: HostShell
  ) {}

  async setAttributes(path: string, { mode, owner, mtime }: HostFileAttributes): Promise<void> {
    // The owner first: changing it takes set-user-ID bits away.
    if (owner !== undefined) await this.#setOwner(path, owner);
    if (mode === undefined && mtime === undefined) return;
    const time = mtime === undefined ? {} : { atime: Math.trunc(mtime), mtime: Math.trunc(mtime) };
    const attributes = { ...(mode !== undefined && { mode }), ...time };
    const set = this.session.request((sftp, done) => sftp.setstat(path, attributes, done));
    await this.failures.during({ verb: 'set the attributes of', path, bytes: 0 }, set);
  }

  async keep(path: string, as: string): Promise<void> {
    const act: SftpAct = { verb: `keep ${path} as`, path: as, bytes: 0 };
    let error: unknown;
    if (this.session.offers('hardlink@openssh.com', '1')) {
      try {
        return await this.session.request((sftp, done) => sftp.ext_openssh_hardlink(path, as, done));
      } catch (reason) {
        if (!(reason instanceof SftpStatus) || reason.code === SFTP_STATUS.noSuchFile)
          throw await this.failures.of(reason, act);
        error = reason;
      }
    }
    const [from, to] = [pathWord(path), pathWord(as)];
    const done = await this.#script(
      act,
      `if [ -e ${to} ] || [ -h ${to} ]; then echo ": File exists" >&2; exit 1; fi
ln -- ${from} ${to} 2>/dev/null || cp -p -- ${from} ${to} || { code=$?; rm -f -- ${to}; exit $code; }`
    );
    if (done) return;
    throw error ? await this.failures.of(error, act) : this.#unsupported(act, 'hardlink@openssh.com');
  }

  async replace(from: string, to: string): Promise<void> {
    const act: SftpAct = { verb: 'put the new file in the place of', path: to, bytes: 0 };
    if (this.session.offers('posix-rename@openssh.com', '1')) {
      const renamed = this.session.request((sftp, done) => sftp.ext_openssh_rename(from, to, done));
      return this.failures.during(act, renamed);
    }
    const [source, target] = [pathWord(from), pathWord(to)];
    // Into a directory it would be moved, not in its place.
    const script = `if [ -d ${target} ]; then echo ": Is a directory" >&2; exit 1; fi\nmv -f -- ${source} ${target}`;
    if (await this.#script(act, script)) return;
    try {
      // Fails if the target is there, by the draft of SFTP.
      await this.session.request((sftp, done) => sftp.rename(from, to, done));
    } catch (error) {
      const there = await this.session
        .request((sftp, done) => sftp.lstat(to, done as never))
        .then(
          () => true,
          () => false
        );
      throw there ? this.#unsupported(act, 'posix-rename@openssh.com') : await this.failures.of(error, act);
    }
  }

  async #setOwner(path: string, owner: string): Promise<void> {
    const act: SftpAct = { verb: 'set the owner of', path, bytes: 0 };
    const [user = '', group = ''] = owner.split(':');
    if (/^\d*$/.test(user) && /^\d*$/.test(group)) {
      let [uid, gid] = [Number(user), Number(group)];
      if (user === '' || group === '') {
        const facts = await this.failures.during(
          act,
          this.session.request<SftpAttributes>((sftp, done) => sftp.stat(path, done as never))
        );
        if (user === '') uid = facts.uid ?? 0;
        if (group === '') gid = facts.gid ?? 0;
      }
      const set = this.session.request((sftp, done) => sftp.setstat(path, { uid, gid }, done));
      return this.failures.during(act, set);
    }
    if (await this.#script(act, `chown -- ${quoteShell(owner)} ${pathWord(path)}`)) return;
    const what = `could not set the owner of ${path} by name: it runs no commands, and SFTP has numbers only`;
    throw this.session.failure('SshTransferUnsupported', { what });
  }

  /** Runs a script; `false` where the host runs none. */
  async #script({ verb, path }: SftpAct, script: string): Promise<boolean> {
    const end = await this.shell.script(script);
    if (!end) return false;
    if (end.code === 0) return true;
    const serverText = end.stderr.trim();
    const { type, what } = errnoFailure(end.stderr) ?? {
      type: 'SshTransferFailed' as const,
      what: `ended with exit code ${end.code}`,
    };
    throw this.session.failure(type, { what: `could not ${verb} ${path}: ${what}`, ...(serverText && { serverText }) });
  }

  #unsupported({ verb, path }: SftpAct, extension: string): SshError {
    const what = `could not ${verb} ${path}: it has no ${extension} and runs no commands`;
    return this.session.failure('SshTransferUnsupported', { what });
  }
}
