import type { SftpFailures } from './sftp-failure';
import type { SftpSession } from './sftp-session';
import { hostFileFacts } from './sftp-attributes';
import type { SftpAttributes } from './sftp-attributes';
import { SftpWriter } from './sftp-writer';
import { SFTP_OPEN, SFTP_STATUS, SftpStatus } from './ssh2-sftp';

const MODE = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

/** Opens a file for writing: anew, or after `offset` bytes that are there. */
export async function openSftpWriter(
  session: SftpSession,
  failures: SftpFailures,
  path: string,
  offset: number
): Promise<SftpWriter> {
  const handle = await (offset === 0 ? openAnew : openAgain)(session, failures, path, offset);
  return new SftpWriter(session, failures, handle, path, offset);
}

async function openAnew(session: SftpSession, failures: SftpFailures, path: string): Promise<Buffer> {
  const flags = SFTP_OPEN.write | SFTP_OPEN.create | SFTP_OPEN.exclusive;
  const [removed, opened] = await Promise.allSettled([
    session.request((sftp, done) => sftp.unlink(path, done)),
    session.request<Buffer>((sftp, done) => sftp.open(path, flags, MODE, done)),
  ]);
  if (opened.status === 'fulfilled') return opened.value;
  const inTheWay = removed.status === 'rejected' && !isMissing(removed.reason);
  throw await failures.of(inTheWay ? removed.reason : opened.reason, { verb: 'write', path, bytes: 1 });
}

async function openAgain(session: SftpSession, failures: SftpFailures, path: string, offset: number): Promise<Buffer> {
  const act = { verb: 'go on writing', path, bytes: 1 };
  const check = (attributes: SftpAttributes): void => {
    const { kind, mode, size } = hostFileFacts(attributes);
    const what =
      kind !== 'file'
        ? 'is no regular file'
        : (mode & WRITABLE_BY_OTHERS) !== 0
          ? 'can be written by others'
          : size < offset && `has ${size} bytes only, not ${offset}`;
    if (what)
      throw session.failure('SshTransferTargetUnsuitable', {
        what: `will not be made to go on with ${path}: it ${what}`,
      });
  };
  check(
    await failures.during(
      act,
      session.request<SftpAttributes>((sftp, done) => sftp.lstat(path, done as never))
    )
  );
  const handle = await failures.during(
    act,
    session.request<Buffer>((sftp, done) => sftp.open(path, SFTP_OPEN.write, done))
  );
  try {
    // What was looked at by name may have been exchanged.
    check(
      await failures.during(
        act,
        session.request<SftpAttributes>((sftp, done) => sftp.fstat(handle, done as never))
      )
    );
    await failures.during(
      act,
      session.request((sftp, done) => sftp.fsetstat(handle, { size: offset }, done))
    );
  } catch (error) {
    session.request((sftp, done) => sftp.close(handle, done)).catch(() => undefined);
    throw error;
  }
  return handle;
}

function isMissing(error: unknown): boolean {
  return error instanceof SftpStatus && error.code === SFTP_STATUS.noSuchFile;
}
