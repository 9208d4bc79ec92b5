import type { SshFailureType } from '../contract';
import { REFUSAL_TEXT, recogniseRefusal } from './refusal-text';
import { cleanServerText } from './server-text';
import type { FailureParts, WireStage } from './stage-clock';

/** How ssh2 marks its errors; none of it is in its typings. The message may be the server's: see {@link cleanCause}. */
export interface Ssh2Error extends Error {
  readonly level?: string;
  /** A system error's name, or the number of a disconnect reason (RFC 4253 section 11.1). */
  readonly code?: string | number;
  /** The number of a channel open failure (RFC 4254 section 5.1). */
  readonly reason?: number;
}

/** The error with a message that is fit for logs, which print causes too: ssh2 puts there what the server said. */
export function cleanCause(error: Ssh2Error): Ssh2Error {
  const message = cleanServerText(error.message);
  if (message === error.message) return error;
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ')) ?? '';
  return Object.assign(new Error(message), error, { stack: `${error.name}: ${message}${frames}` });
}

/** The failure that an event of the connection is, without what only the operation knows. */
export interface Loss {
  readonly type: SshFailureType;
  readonly parts: FailureParts;
}

const DISCONNECT = {
  keyExchangeFailed: 3,
  versionNotSupported: 8,
  tooManyConnections: 12,
  authCancelled: 13,
  noMoreAuthMethods: 14,
  illegalUserName: 15,
} as const;

/** What it means that the connection ended with this error, in this stage; without one, it was closed. */
export function classifyLoss(stage: WireStage, error: Ssh2Error | undefined): Loss {
  if (!error) return lost('closed the connection');
  if (error.level === undefined && typeof error.code === 'number') return disconnected(stage, error, error.code);
  const cause = error;
  switch (error.level) {
    case 'client-authentication':
      return error.message.startsWith('Error')
        ? { type: 'SshAuthKeyUnusable', parts: { what: 'could not be given a signature by the key', cause } }
        : { type: 'SshAuthFailed', parts: { what: 'refused every credential', cause } };
    case 'client-socket':
      return lost(`lost the connection (${String(error.code ?? error.message)})`, error);
    case 'client-timeout':
      return lost('no longer answers keepalives', error);
    case 'handshake':
      if (/signature verification failed/i.test(error.message)) {
        return {
          type: 'SshHostKeySignatureInvalid',
          parts: { what: 'gave an invalid signature for its host key', cause },
        };
      }
      // Later, in a rekeying, it says nothing of what the two have in common.
      if (stage === 'kex' && /no matching/i.test(error.message)) {
        return { type: 'SshNoCommonAlgorithms', parts: { what: `shares ${noMatch(error.message)}`, cause } };
      }
      break;
    case 'protocol':
      if (/connection lost/i.test(error.message)) return lost('closed the connection', error);
      break;
    case undefined:
      break;
  }
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return lost(`lost the connection (${error.code})`, error);
  return {
    type: 'SshProtocolError',
    parts: { what: `broke the protocol: ${cleanServerText(error.message, 200)}`, cause },
  };
}

function lost(what: string, cause?: Ssh2Error): Loss {
  return { type: 'SshConnectionLost', parts: { what, cause } };
}

function noMatch(message: string): string {
  const kind = /no matching ([\w>\- ]+)/i.exec(message)?.[1];
  return kind ? `no ${kind.trim()} with this client` : 'no algorithm with this client';
}

function disconnected(stage: WireStage, cause: Ssh2Error, reason: number): Loss {
  const serverText = cleanServerText(cause.message);
  const make = (type: SshFailureType, what: string): Loss => ({ type, parts: { what, serverText, cause } });
  const before = stage === 'banner' || stage === 'kex' || stage === 'auth';
  const unsent = before || stage === 'channel';
  const final: readonly number[] = [DISCONNECT.authCancelled, DISCONNECT.noMoreAuthMethods, DISCONNECT.illegalUserName];
  if (stage === 'auth' && (final.includes(reason) || /authentication failure|too many auth/i.test(serverText))) {
    return make('SshAuthFailed', 'refused the authentication');
  }
  const refusal = reason === DISCONNECT.tooManyConnections ? 'SshServerBusy' : recogniseRefusal(serverText);
  // The limits of PAM strike after the login, when the session is opened.
  if (refusal && unsent) return make(refusal, REFUSAL_TEXT[refusal]);
  if (before && reason === DISCONNECT.versionNotSupported)
    return make('SshVersionUnsupported', 'does not accept our version of SSH');
  if (before && reason === DISCONNECT.keyExchangeFailed)
    return make('SshNoCommonAlgorithms', 'could not agree on algorithms');
  // Once a channel is asked for, a disconnect is one more way to lose the connection; what it said is kept.
  return before
    ? make('SshDisconnected', `disconnected with reason ${reason}`)
    : make('SshConnectionLost', `disconnected with reason ${reason}`);
}
