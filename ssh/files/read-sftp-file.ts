import type { SftpFailures } from './sftp-failure';
import type { SftpSession } from './sftp-session';
import { SFTP_OPEN } from './ssh2-sftp';
import { shareTransferWindow } from './transfer-window';

const MAX_REQUEST_BYTES = 128 * 1024;
// A small file is not worth more; each answer allows two more.
const FIRST_AHEAD = 2;

interface Piece {
  readonly position: number;
  readonly bytes: Promise<Buffer>;
}

/**
 * Reads a file in its order, by requests that follow each other without waiting, bounded in number. It ends where the
 * file does, or before `end`.
 */
export async function* readSftpFile(
  session: SftpSession,
  failures: SftpFailures,
  path: string,
  offset: number,
  end = Infinity
): AsyncIterable<Buffer> {
  const act = { verb: 'read', path };
  if (offset >= end) return;
  const handle = await failures.during(
    act,
    session.request<Buffer>((sftp, done) => sftp.open(path, SFTP_OPEN.read, done))
  );
  const size = sizeOf(session, handle);
  const most = Math.min(MAX_REQUEST_BYTES, session.limits.read);
  const window = shareTransferWindow();
  const pieces: Piece[] = [];
  let next = offset;
  let ahead = FIRST_AHEAD;
  const fill = (): void => {
    while (pieces.length < ahead && next < end) {
      const length = Math.min(most, end - next);
      const bytes = readPiece(session, handle, { position: next, length, size });
      // It may never be waited for.
      bytes.catch(() => undefined);
      pieces.push({ position: next, bytes });
      next += length;
    }
  };
  try {
    fill();
    for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
      const bytes = await failures.during(act, piece.bytes);
      ahead = Math.min(ahead + 2, Math.max(FIRST_AHEAD, Math.floor(window.bytes / most)));
      const last = bytes.length < Math.min(most, end - piece.position);
      if (!last) fill();
      if (bytes.length > 0) yield bytes;
      if (last) return;
    }
  } finally {
    window.end();
    // What was read has come; whether the server could close it changes nothing.
    session.request((sftp, done) => sftp.close(handle, done)).catch(() => undefined);
  }
}

/** The size, or 0 where nobody tells: a file that has none may have content, such as those below `/proc`. */
async function sizeOf(session: SftpSession, handle: Buffer): Promise<number> {
  try {
    const { size } = await session.request<{ readonly size?: number }>((sftp, done) => sftp.fstat(handle, done));
    return size ?? 0;
  } catch {
    return 0;
  }
}

/** Shorter than asked for only at the end of the file: a server may give less than it has. */
async function readPiece(
  session: SftpSession,
  handle: Buffer,
  { position, length, size }: { readonly position: number; readonly length: number; readonly size: Promise<number> }
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const at = filled;
    const got = await session.request<number>((sftp, done) =>
      sftp.read(handle, buffer, at, length - at, position + at, done)
    );
    filled += got;
    // Saves the question whether there is more, which is a round trip.
    if (got === 0 || position + filled === (await size)) break;
  }
  return buffer.subarray(0, filled);
}
