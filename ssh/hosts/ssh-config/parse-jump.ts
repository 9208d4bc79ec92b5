import { isIP } from 'node:net';
import { addressProblem } from '../config-values';

/** One hop of a `ProxyJump`. */
export interface Jump {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** Reads `[user@]host[:port]`, or the same as an `ssh://` URI; `undefined` for what is neither. */
export function parseJump(text: string): Jump | undefined {
  const spec = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '');
  const at = spec.lastIndexOf('@');
  const user = at === -1 ? undefined : spec.slice(0, at);
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]]+|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d{1,5}))?$/.exec(spec.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || user === '' || addressProblem(host) !== undefined) return undefined;
  if (user !== undefined && /[\s\p{Cc}]/u.test(user)) return undefined;
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  if (bracketed === undefined && host.includes(':') && isIP(host) !== 6) return undefined;
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}
