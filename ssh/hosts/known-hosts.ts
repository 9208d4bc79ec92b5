import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parsePublicKey } from './fingerprint';
import { matchesPatternList } from './pattern';

/** A line of a known_hosts file. */
export interface KnownHostsEntry {
  /** From 1. */
  readonly line: number;
  /** `@cert-authority` and `@revoked` of sshd(8). */
  readonly marker: 'cert-authority' | 'revoked' | undefined;
  /** Host names as they stand there: patterns, or one hashed name. */
  readonly names: string;
  readonly key: Buffer;
}

/** The content of a known_hosts file. */
export interface KnownHosts {
  readonly entries: readonly KnownHostsEntry[];
  /** Numbers of the lines that could not be read. Skipped, as OpenSSH does, but told where a host is not found. */
  readonly unreadableLines: readonly number[];
}

/** `|1|salt|hash`, where the hash is HMAC-SHA1 of the name. */
function matchesHash(name: string, hashed: string): boolean {
  const [, salt, hash] = /^\|1\|([A-Za-z0-9+/]+=*)\|([A-Za-z0-9+/]+=*)$/.exec(hashed) ?? [];
  if (salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** A name as it stands in a file whose names nobody shall read (`HashKnownHosts` of OpenSSH). */
export function hashHostName(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name.toLowerCase()).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

/** Whether a line is about a host. */
export function matchesHostNames(names: string, host: string): boolean {
  const name = host.toLowerCase();
  return names.startsWith('|') ? matchesHash(name, names) : matchesPatternList(name, names.toLowerCase().split(','));
}

function parseLine(text: string, line: number): KnownHostsEntry | 'unreadable' | undefined {
  const trimmed = text.replace(/^[ \t]+/, '');
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  const [, marker, names, key] = /^(?:(@\S*)[ \t]+)?(\S+)[ \t]+(.*)$/.exec(trimmed) ?? [];
  const parsed = key === undefined ? undefined : parsePublicKey(key);
  const isHash = names !== undefined && names.startsWith('|');
  if (names === undefined || parsed === undefined || names.startsWith('@')) return 'unreadable';
  if (isHash && !/^\|1\|[^|]+\|[^|]+$/.test(names)) return 'unreadable';
  if (marker !== undefined && marker !== '@cert-authority' && marker !== '@revoked') return 'unreadable';
  return { line, marker: marker?.slice(1) as KnownHostsEntry['marker'], names, key: parsed };
}

/** Reads the format of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export function parseKnownHosts(text: string): KnownHosts {
  const entries: KnownHostsEntry[] = [];
  const unreadableLines: number[] = [];
  text.split(/\r?\n/).forEach((content, index) => {
    const entry = parseLine(content, index + 1);
    if (entry === 'unreadable') unreadableLines.push(index + 1);
    else if (entry) entries.push(entry);
  });
  return { entries, unreadableLines };
}

/** The name of a host in known_hosts: with its port, unless that is 22. */
export function knownHostsName(address: string, port: number): string {
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
}
