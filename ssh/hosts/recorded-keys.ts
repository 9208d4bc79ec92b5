import type { HostKeyVerdict } from '../target';
import { describeKey } from './host-key-advice';
import { knownHostsName } from './known-hosts';
import type { KnownHostsFile, RecordedKey } from './known-hosts-file';

/** Those that are keys of a host, and neither revoked nor of an authority. */
export const plain = (entries: readonly RecordedKey[]): readonly RecordedKey[] =>
  entries.filter(({ marker }) => marker === undefined);

/** What all the files have about a host. */
export const lookUp = (files: readonly KnownHostsFile[], name: string): readonly RecordedKey[] =>
  files.flatMap((file) => file.lookup(name));

/** What it means that a key is marked as `@revoked`, whatever else is said of it. */
export function revocation(key: Buffer, name: string, entries: readonly RecordedKey[]): HostKeyVerdict | undefined {
  const found = entries.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (!found) return undefined;
  const reason =
    `${name} offered ${describeKey(key)}, which ${found.path}:${found.line} marks as @revoked: whoever has it may not be the host. ` +
    'Give the host a new key; do not remove the line.';
  return { trusted: false, type: 'SshHostKeyRevoked', reason };
}

/**
 * The lines by which a host is known when that is by certificate authorities only, whose certificates we cannot check;
 * `undefined` for every other host.
 */
export function authoritiesOnly(entries: readonly RecordedKey[]): readonly RecordedKey[] | undefined {
  const authorities = entries.filter(({ marker }) => marker === 'cert-authority');
  return authorities.length > 0 && plain(entries).length === 0 ? authorities : undefined;
}

/** Under which name a host is looked up: its alias, else its address, with its port unless that is 22. */
export function nameInKnownHosts(address: string, port: number, alias: string | undefined): string {
  return alias?.toLowerCase() ?? knownHostsName(address, port);
}
