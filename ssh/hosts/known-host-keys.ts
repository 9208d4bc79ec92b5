import { SshError, configError } from '../ssh-error';
import type { HostKeyPolicy, HostKeyVerdict } from '../target';
import { keyType } from './fingerprint';
import { hostKeyAlgorithms } from './host-key-algorithms';
import { compareAdvice, describeKey, recordAdvice, removeAdvice } from './host-key-advice';
import type { StrictHostKeyChecking } from './host-config';
import { knownHostsName } from './known-hosts';
import type { KnownHostsFile, RecordedKey } from './known-hosts-file';
import { describeIoError } from './private-file';
import { lookUp, nameInKnownHosts, plain, revocation } from './recorded-keys';

/** The host whose keys are judged. */
export interface KnownHostKeysOptions {
  /** The host's name in the hosts file, for errors. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly alias: string | undefined;
  readonly strict: StrictHostKeyChecking;
  /** All of them are looked at; a key that is accepted anew goes into the first. */
  readonly files: readonly [KnownHostsFile, ...KnownHostsFile[]];
  /** The name of a host whose key is accepted is written as a hash. */
  readonly hashNames: boolean;
}

/**
 * Trusts the keys of known_hosts files, by the rules of OpenSSH's `check_key_in_hostkeys`: a revoked key is refused
 * whatever else is said; a recorded key is trusted; any other key of a host of which keys are recorded, of whatever
 * type, is a mismatch, which `accept-new` does not accept either.
 *
 * Stricter than OpenSSH in one thing: a line without port does not count for another port than 22.
 */
export function knownHostKeys(options: KnownHostKeysOptions): HostKeyPolicy {
  const { host, address, port, alias, strict, files, hashNames } = options;
  const [file] = files;
  const name = nameInKnownHosts(address, port, alias);

  function mismatch(key: Buffer, recorded: readonly RecordedKey[]): string {
    const lines = recorded.slice(0, 5).map((entry) => `${describeKey(entry.key)} (${entry.path}:${entry.line})`);
    const more = recorded.length > 5 ? ` and ${recorded.length - 5} more` : '';
    const sameType = recorded.some((entry) => keyType(entry.key) === keyType(key));
    const other = sameType ? '' : ' No key of this type is recorded, and the host did not offer one that is.';
    return (
      `${name} offered ${describeKey(key)}, but recorded is ${lines.join(', ')}${more}.${other} Somebody may be in between, ` +
      `or the host has a new key: ${compareAdvice(key)}; if it is right, remove the old one with: ${removeAdvice(name, recorded[0]?.path ?? file.path)}`
    );
  }

  function unknown(key: Buffer, authorities: readonly RecordedKey[]): string {
    const notes: string[] = [];
    if (files.every(({ missing }) => missing)) notes.push(`The file ${file.path} does not exist.`);
    if (authorities.length > 0) {
      const lines = authorities.map(({ path, line }) => `${path}:${line}`).join(', ');
      notes.push(`Only @cert-authority matches (${lines}), and host certificates are not supported by this version.`);
    }
    if (alias === undefined && port !== 22) {
      const same = plain(lookUp(files, knownHostsName(address, 22))).find((entry) => entry.key.equals(key));
      if (same)
        notes.push(
          `Line ${same.line} of ${same.path} has this very key for ${address}, but for port 22; port ${port} needs ${name}.`
        );
    }
    for (const { path, unreadableLines: bad } of files) {
      const lines = `${bad.slice(0, 5).join(', ')}${bad.length > 5 ? ', ...' : ''}`;
      if (bad.length > 0) notes.push(`Could not be read and was skipped: line ${lines} of ${path}.`);
    }
    const record = recordAdvice(key, address, port, alias, file.path);
    return [
      `${name} offered ${describeKey(key)}, and no key of it is recorded in ${files.map(({ path }) => path).join(', ')}.`,
      ...notes,
      `Before you trust it, ${compareAdvice(key)}; then ${record}`,
    ].join(' ');
  }

  function remember(key: Buffer): void {
    try {
      const prevents = (): boolean => {
        const judged = judge(key, lookUp(files, name));
        // Another step was faster, or another process, and perhaps with another key: then one of the two was wrong.
        if (!judged.trusted) {
          const details = { stage: 'kex', host, address, port, elapsedMs: 0, commandMayHaveRun: false } as const;
          throw new SshError(judged.type, { message: `${host}: ${judged.reason}`, details });
        }
        return judged.by === 'known_hosts';
      };
      file.append(name, key, { hashed: hashNames, prevents });
      if (prevents()) return;
      // Such as /dev/null: any key would be accepted each time.
      const message = `${host}: the accepted host key was written to ${file.path}, but is not there. Name a file that keeps what is written`;
      throw configError('SshConfigInvalid', host, message);
    } catch (error) {
      if (error instanceof SshError) throw error;
      const message = `${host}: the accepted host key could not be kept in ${file.path}: ${describeIoError(error)}. Make it writable`;
      throw configError('SshConfigInvalid', host, message, error);
    }
  }

  function judge(key: Buffer, entries: readonly RecordedKey[]): HostKeyVerdict {
    const revoked = revocation(key, name, entries);
    if (revoked) return revoked;
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
    preferredAlgorithms: hostKeyAlgorithms(plain(lookUp(files, name)).map((entry) => keyType(entry.key))),
    // Looked up anew, so that a key accepted by another step since then counts.
    check: (key) => judge(key, lookUp(files, name)),
  };
}
