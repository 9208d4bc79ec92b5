import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { SshFailureType } from '../contract';
import { IdentificationParser } from './identification-parser';
import { REFUSAL_TEXT, recogniseRefusal } from './refusal-text';
import { cleanServerText } from './server-text';
import { settleOnce } from './settle-once';
import type { FailureParts, StageClock } from './stage-clock';

// A real SSH server may greet like another protocol before it identifies itself (RFC 4253 section 4.2 allows any line
// that does not begin with SSH-), so a suspicion gets this long to prove wrong, or half of a shorter deadline.
const FOREIGN_GRACE_MS = 1_000;

// Control characters that no text has, in whatever encoding; text may have tabs, line ends and escape codes.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;

/** The software that we say we are. */
export const CLIENT_SOFTWARE = 'temporal-ssh';

/** Our identification line, as it is sent. */
export const CLIENT_IDENTIFICATION = Buffer.from(`SSH-2.0-${CLIENT_SOFTWARE}\r\n`, 'latin1');

/**
 * Sends our identification and reads the server's, within the deadline of the stage `banner`.
 *
 * ssh2 fails on an identification that arrives in three segments, and swallows the text that a busy server sends
 * instead of one. So the line is read here and put back whole; what follows on the stream is for ssh2.
 */
export function readIdentification(
  stream: Duplex,
  clock: StageClock,
  signal: AbortSignal | undefined
): Promise<string> {
  return settleOnce((settlement) => {
    const parser = new IdentificationParser();
    let grace: NodeJS.Timeout | undefined;
    let introduction: NodeJS.Immediate | undefined;

    const fail = (type: SshFailureType, parts: FailureParts): void => {
      stream.destroy();
      const serverText = cleanServerText(parser.text);
      settlement.reject(clock.failure(type, { ...(serverText && { serverText }), ...parts }));
    };
    const introduce = (): void => {
      if (introduction === undefined) return;
      clearImmediate(introduction);
      introduction = undefined;
      stream.write(CLIENT_IDENTIFICATION);
    };
    const onData = (chunk: Buffer): void => {
      const progress = parser.push(chunk);
      switch (progress.state) {
        case 'complete':
          introduce();
          // Off before it goes back: `unshift` hands the bytes to whoever listens.
          stream.pause();
          stream.off('data', onData);
          stream.unshift(progress.bytes);
          return settlement.resolve(progress.line);
        case 'version':
          return fail('SshVersionUnsupported', {
            what: `speaks another version of SSH (${cleanServerText(progress.line)})`,
          });
        case 'invalid':
          return fail('SshBannerInvalid', { what: progress.what });
        case 'foreign':
          grace ??= setTimeout(onGrace, Math.min(FOREIGN_GRACE_MS, clock.deadlines.banner / 2));
          return;
        case 'reading':
      }
    };
    const onGrace = (): void => {
      grace = undefined;
      const [type, parts] = judgeText(parser) ?? [];
      if (type === 'SshNotSshServer' && parts) fail(type, parts);
    };
    const onGone = (error?: NodeJS.ErrnoException): void => fail(...closedBefore(parser, error));
    const onEnd = (): void => onGone();
    const onAbort = (): void => {
      stream.destroy();
      settlement.reject(signal?.reason);
    };

    if (signal?.aborted) return onAbort();
    clock.enter('banner', (type, parts) => fail(...overdue(parser, type, parts)));
    stream.on('data', onData);
    stream.once('end', onEnd);
    stream.once('close', onEnd);
    stream.once('error', onGone);
    signal?.addEventListener('abort', onAbort, { once: true });
    settlement.onSettled(() => {
      clock.leave();
      clearTimeout(grace);
      clearImmediate(introduction);
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('close', onEnd);
      stream.off('error', onGone);
      signal?.removeEventListener('abort', onAbort);
    });
    // Not before what has come already was read, for which the event loop has to turn once: to write to a connection
    // that was reset meanwhile destroys the socket, and with it the text that says why.
    introduction = setImmediate(() => (introduction = setImmediate(introduce)));
  });
}

type Verdict = [SshFailureType, FailureParts];

/** Neither UTF-8 nor text in another encoding, nor the beginning of either; or nothing that can be read. */
function isBinary(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  if (!CONTROL.test(text)) return false;
  // Up to three bytes may belong to a character whose rest has not come yet.
  const isText = [0, 1, 2, 3].some((cut) => cut <= bytes.length && isUtf8(bytes.subarray(0, bytes.length - cut)));
  return !isText || !/[\x21-\x7e\x80-\xff]/.test(text);
}

/** What the bytes say by themselves, however the wait for an identification ended. */
function judgeText(parser: IdentificationParser): Verdict | undefined {
  // Asked again: what looked like one protocol may have turned out to be another, or none. Another protocol goes first:
  // a busy mail server is no SSH server to wait for.
  const last = parser.push(Buffer.alloc(0));
  if (last.state === 'foreign') return ['SshNotSshServer', { what: `speaks ${last.protocol}, not SSH` }];
  const bytes = parser.text;
  const refusal = recogniseRefusal(bytes.toString('latin1'));
  if (refusal) return [refusal, { what: REFUSAL_TEXT[refusal] }];
  if (isBinary(bytes)) return ['SshBannerInvalid', { what: 'sent bytes that are neither text nor an identification' }];
  return undefined;
}

function closedBefore(parser: IdentificationParser, cause: NodeJS.ErrnoException | undefined): Verdict {
  const how = cause ? `broke the connection (${cause.code ?? cause.message})` : 'closed the connection';
  return judgeText(parser) ?? ['SshBannerClosed', { what: `${how} before its identification`, cause }];
}

function overdue(parser: IdentificationParser, type: SshFailureType, parts: FailureParts): Verdict {
  const { limitMs } = parts;
  const [known, { what }] = judgeText(parser) ?? [type, parts];
  return [known, { what, ...(limitMs !== undefined && { limitMs }) }];
}
