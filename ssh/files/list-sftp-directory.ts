import type { FileEntryWithStats } from 'ssh2';
import type { HostFileEntry, HostFileFacts } from './host-files';
import { hostFileFacts } from './sftp-attributes';
import type { SftpFailures } from './sftp-failure';
import type { SftpSession } from './sftp-session';
import { SFTP_STATUS, SftpStatus } from './ssh2-sftp';

// A round trip each otherwise; OpenSSH's server has handles for many more.
const DIRECTORIES_AT_ONCE = 8;

interface Listing {
  /** Below the directory that was asked for. */
  readonly path: string;
  readonly handle: Buffer;
  /** Asked for already. */
  batch: Promise<Batch> | undefined;
}

interface Batch {
  readonly listing: Listing;
  /** `undefined` at the end. */
  readonly names: readonly FileEntryWithStats[] | undefined;
}

/** Everything below a directory, several directories at once; a directory that vanishes meanwhile has nothing. */
export async function* listSftpDirectory(
  session: SftpSession,
  failures: SftpFailures,
  directory: string
): AsyncIterable<HostFileEntry> {
  const waiting = [''];
  const open = new Set<Listing>();
  const opening = new Map<string, Promise<Listing | undefined>>();
  const full = (path: string): string => (path ? `${directory}/${path}` : directory);
  const close = (listing: Listing): void => {
    open.delete(listing);
    session.request((sftp, done) => sftp.close(listing.handle, done)).catch(() => undefined);
  };
  try {
    for (;;) {
      while (waiting.length > 0 && open.size + opening.size < DIRECTORIES_AT_ONCE) {
        const path = waiting.pop() ?? '';
        const act = { verb: 'list', path: full(path) };
        const opened = failures.during(act, openDirectory(session, path, full(path)));
        opened.catch(() => undefined);
        opening.set(path, opened);
      }
      if (open.size + opening.size === 0) return;
      const came = await Promise.race([
        ...[...open].flatMap(({ batch }) => batch ?? []),
        ...[...opening].map(([path, opened]) => opened.then((listing) => ({ path, listing }))),
      ]);
      if ('path' in came) {
        opening.delete(came.path);
        if (!came.listing) continue;
        open.add(came.listing);
        continue;
      }
      const { listing, names } = came;
      if (!names) {
        close(listing);
        continue;
      }
      next(session, listing);
      for (const { filename, attrs } of names) {
        if (filename === '.' || filename === '..') continue;
        // A path that is made of it must stay below the directory.
        if (filename === '' || /[/\0]/.test(filename)) {
          throw session.failure('SshProtocolError', {
            what: `listed an entry that has no name in ${full(listing.path)}`,
          });
        }
        const path = listing.path ? `${listing.path}/${filename}` : filename;
        const facts: HostFileFacts | undefined = await factsOf(session, failures, full(path), attrs);
        if (!facts) continue;
        if (facts.kind === 'directory') waiting.push(path);
        yield { path, facts };
      }
    }
  } finally {
    for (const listing of open) close(listing);
    for (const opened of opening.values())
      void opened.then(
        (listing) => listing && close(listing),
        () => undefined
      );
  }
}

function next(session: SftpSession, listing: Listing): void {
  listing.batch = readBatch(session, listing);
  // It may never be waited for.
  listing.batch.catch(() => undefined);
}

async function openDirectory(session: SftpSession, path: string, full: string): Promise<Listing | undefined> {
  try {
    const handle = await session.request<Buffer>((sftp, done) => sftp.opendir(full, done));
    const listing: Listing = { path, handle, batch: undefined };
    next(session, listing);
    return listing;
  } catch (error) {
    if (error instanceof SftpStatus && error.code === SFTP_STATUS.noSuchFile) return undefined;
    throw error;
  }
}

async function readBatch(session: SftpSession, listing: Listing): Promise<Batch> {
  try {
    const names = await session.request<FileEntryWithStats[]>((sftp, done) =>
      // With an option that @types/ssh2 does not know: names as they are.
      sftp.readdir(listing.handle, done)
    );
    return { listing, names };
  } catch (error) {
    if (error instanceof SftpStatus && error.code === SFTP_STATUS.eof) return { listing, names: undefined };
    throw error;
  }
}

/** A server need not give attributes with names. */
async function factsOf(
  session: SftpSession,
  failures: SftpFailures,
  path: string,
  attrs: FileEntryWithStats['attrs']
): Promise<HostFileFacts | undefined> {
  if (typeof (attrs as { mode?: number }).mode === 'number') return hostFileFacts(attrs);
  return statOf(session, failures, path);
}

/** Facts about a path, a link not followed. */
export async function statOf(
  session: SftpSession,
  failures: SftpFailures,
  path: string
): Promise<HostFileFacts | undefined> {
  try {
    return hostFileFacts(await session.request((sftp, done) => sftp.lstat(path, done as never)));
  } catch (error) {
    if (error instanceof SftpStatus && error.code === SFTP_STATUS.noSuchFile) return undefined;
    throw await failures.of(error, { verb: 'look at', path });
  }
}
