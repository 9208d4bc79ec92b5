import { isIPv6 } from 'node:net';
import { kindOf, show } from '../../contract';
import { parsePublicKey } from './fingerprint';

/** Like `show`, but a string that may be the text of a key, put in the wrong place, is not shown. */
export function showPublic(value: unknown): string {
  return typeof value === 'string' && /[\r\n]|PRIVATE KEY/.test(value) ? 'a text of several lines' : show(value);
}

/** Like `kindOf`, but does not even tell the length of a string. */
export function kindOfSecret(value: unknown): string {
  return typeof value === 'string' && value !== '' ? 'a plain string' : kindOf(value);
}

/** What is wrong with an address, as the words after "expected"; `undefined` when nothing is. */
export function addressProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return 'a host name or an IP address';
  if (value.includes('@')) return 'a host name or an IP address, with the user under "user"';
  if (/^\[.*\]/.test(value)) return 'an IPv6 address without brackets, with the port under "port"';
  // A zone (`fe80::1%eth0`) is for the operating system to judge.
  if (value.includes(':') && !isIPv6(value)) return 'a host name or an IP address, with the port under "port"';
  return isRecordable(value) && value.length <= 253 && !/[/\\'"`]/.test(value)
    ? undefined
    : 'a host name or an IP address';
}

/** Whether a name can stand in a known_hosts file without meaning something else: a pattern, a list, a comment, a hash. */
export function isRecordable(name: string): boolean {
  return name !== '' && !/[\s,*?!|#@\p{Cc}]|^-/u.test(name);
}

/** The canonical form of a pin, or `undefined` for what is none. */
export function parsePin(text: string): { readonly fingerprint: string } | { readonly key: Buffer } | undefined {
  const digest = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(text)?.[1];
  if (digest !== undefined) {
    // 43 characters hold two bits more than a digest: a mistyped last character may be no digest at all.
    const canonical = Buffer.from(digest, 'base64').toString('base64').replace('=', '') === digest;
    return canonical ? { fingerprint: `SHA256:${digest}` } : undefined;
  }
  const key = parsePublicKey(text);
  return key && { key };
}

/** What a pin must look like, for messages. */
export const PIN_EXPECTED =
  'a fingerprint as "ssh-keygen -l" prints it (SHA256:...) or a public key (ssh-ed25519 AAAA...)';
