import { SshError, configError } from '../ssh-error';
import type { HostKeyPolicy, HostKeyVerdict } from '../target';
import { keyType } from './fingerprint';
import { hostKeyAlgorithms } from './host-key-algorithms';
import { compareAdvice, describeKey, recordAdvice, removeAdvice } from './host-key-advice';
import type { StrictHostKeyChecking } from './host-config';
import { knownHostsName } from './known-hosts';
import type { KnownHostsEntry } from './known-hosts';
import type { KnownHostsFile } from './known-hosts-file';
import { describeIoError } from './private-file';

/** The host whose keys are judged. */
export interface KnownHostKeysOptions {
  /** The host's name in the hosts file, for errors. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly alias: string | undefined;
  readonly strict: StrictHostKeyChecking;
  readonly file: KnownHostsFile;
}

const plain = (entries: readonly KnownHostsEntry[]) => entries.filter(({ marker }) => marker === undefined);

/**
 * Trusts the keys of a known_hosts file, by the rules of OpenSSH's `check_key_in_hostkeys`: a revoked key is refused
 * whatever else is said; a recorded key is trusted; any other key of a host of which keys are recorded, of whatever
 * type, is a mismatch, which `accept-new` does not accept either.
 *
 * Stricter than OpenSSH in one thing: a line without port does not count for another port than 22.
 */
export function knownHostKeys({ host, address, port, alias, strict, file }: KnownHostKeysOptions): HostKeyPolicy {
  const name = alias?.toLowerCase() ?? knownHostsName(address, port);

  function mismatch(key: Buffer, recorded: readonly KnownHostsEntry[]): string {
    const lines = recorded.slice(0, 5).map((entry) => `${describeKey(entry.key)} (${file.path}:${entry.line})`);
    const more = recorded.length > 5 ? ` and ${recorded.length - 5} more` : '';
    const sameType = recorded.some((entry) => keyType(entry.key) === keyType(key));
    const other = sameType ? '' : ' No key of this type is recorded, and the host did not offer one that is.';
    return (
      `${name} offered ${describeKey(key)}, but recorded is ${lines.join(', ')}${more}.${other} Somebody may be in between, ` +
      `or the host has a new key: ${compareAdvice(key)}; if it is right, remove the old one with: ${removeAdvice(name, file.path)}`
    );
  }

  function unknown(key: Buffer, authorities: readonly KnownHostsEntry[]): string {
    const notes: string[] = [];
    if (file.missing) notes.push(`The file ${file.path} does not exist.`);
    if (authorities.length > 0) {
      const lines = authorities.map(({ line }) => line).join(', ');
      notes.push(
        `Only @cert-authority matches (line ${lines}), and host certificates are not supported by this version.`
      );
    }
    if (alias === undefined && port !== 22) {
      const same = plain(file.lookup(knownHostsName(address, 22))).find((entry) => entry.key.equals(key));
      if (same)
        notes.push(`Line ${same.line} has this very key for ${address}, but for port 22; port ${port} needs ${name}.`);
    }
    const bad = file.unreadableLines;
    if (bad.length > 0) {
      const lines = `${bad.slice(0, 5).join(', ')}${bad.length > 5 ? ', ...' : ''}`;
      notes.push(`Could not be read and was skipped: line ${lines}.`);
    }
    const record = recordAdvice(key, address, port, alias, file.path);
    return [
      `${name} offered ${describeKey(key)}, and no key of it is recorded in ${file.path}.`,
      ...notes,
      `Before you trust it, ${compareAdvice(key)}; then ${record}`,
    ].join(' ');
  }

  function revoked(key: Buffer, line: number): HostKeyVerdict {
    const reason =
      `${name} offered ${describeKey(key)}, which ${file.path}:${line} marks as @revoked: whoever has it may not be the host. ` +
      'Give the host a new key; do not remove the line.';
    return { trusted: false, type: 'SshHostKeyRevoked', reason };
  }

  function remember(key: Buffer): void {
    try {
      file.append(name, key, (entries) => {
        const judged = judge(key, entries);
        // Another step was faster, or another process, and perhaps with another key: then one of the two was wrong.
        if (!judged.trusted) {
          const details = { stage: 'kex', host, address, port, elapsedMs: 0, commandMayHaveRun: false } as const;
          throw new SshError(judged.type, { message: `${host}: ${judged.reason}`, details });
        }
        return judged.by === 'known_hosts';
      });
    } catch (error) {
      if (error instanceof SshError) throw error;
      const message = `${host}: the accepted host key could not be kept in ${file.path}: ${describeIoError(error)}. Make it writable`;
      throw configError('SshConfigInvalid', host, message, error);
    }
  }

  function judge(key: Buffer, entries: readonly KnownHostsEntry[]): HostKeyVerdict {
    const revocation = entries.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
    if (revocation) return revoked(key, revocation.line);
    const recorded = plain(entries);
    if (recorded.some((entry) => entry.key.equals(key))) return { trusted: true, by: 'known_hosts' };
    if (recorded.length > 0) return { trusted: false, type: 'SshHostKeyMismatch', reason: mismatch(key, recorded) };
    const authorities = entries.filter(({ marker }) => marker === 'cert-authority');
    // A host that proves itself by certificates is known, even if not by a way that we can check.
    if (strict === 'accept-new' && authorities.length === 0) {
      return { trusted: true, by: 'accept-new', remember: async () => remember(key) };
    }
    return { trusted: false, type: 'SshHostKeyUnknown', reason: unknown(key, authorities) };
  }

  return {
    preferredAlgorithms: hostKeyAlgorithms(plain(file.lookup(name)).map((entry) => keyType(entry.key))),
    // Looked up anew, so that a key accepted by another step since then counts.
    check: (key) => judge(key, file.lookup(name)),
  };
}
