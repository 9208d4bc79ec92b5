import { configError } from '../ssh-error';
import type { HostKeyPolicy, SshTarget } from '../target';
import { resolveConfigPath } from './config-path';
import { readCredential } from './credential';
import { DEFAULT_KNOWN_HOSTS } from './effective-host';
import type { Credential, HostConfig } from './host-config';
import { knownHostKeys } from './known-host-keys';
import { KnownHostsFile } from './known-hosts-file';
import { pinnedHostKeys } from './pinned-host-keys';
import { describeIoError } from './private-file';
import type { PrivateKeyCache } from './private-key';
import { credentialKey, shareKey } from './share-key';

/** What a directory keeps from one target to the next. */
export interface TargetContext {
  readonly baseDir: string;
  readonly keys: PrivateKeyCache;
  readonly knownHosts: Map<string, KnownHostsFile>;
}

/** A function may name a new file each time; what is dropped here is only read again. */
const MAX_KNOWN_HOSTS_FILES = 64;

const DEFAULT_PORT = 22;

function knownHostsFile(path: string, { knownHosts }: TargetContext): KnownHostsFile {
  const known = knownHosts.get(path);
  if (known) return known;
  const [oldest] = knownHosts.keys();
  if (knownHosts.size >= MAX_KNOWN_HOSTS_FILES && oldest !== undefined) knownHosts.delete(oldest);
  const file = new KnownHostsFile(path);
  knownHosts.set(path, file);
  return file;
}

function hostKeyPolicy(name: string, host: HostConfig, context: TargetContext): HostKeyPolicy {
  if (host.hostKey !== undefined)
    return pinnedHostKeys(typeof host.hostKey === 'string' ? [host.hostKey] : host.hostKey);
  const path = resolveConfigPath(host.knownHosts ?? DEFAULT_KNOWN_HOSTS, context.baseDir);
  const file = knownHostsFile(path, context);
  try {
    file.refresh();
  } catch (error) {
    const message = `host "${name}": expected a known_hosts file at ${path}, found ${describeIoError(error)}`;
    throw configError('SshConfigInvalid', name, message, error);
  }
  return knownHostKeys({
    host: name,
    address: host.address,
    port: host.port ?? DEFAULT_PORT,
    alias: host.hostKeyAlias,
    strict: host.strictHostKeyChecking ?? 'yes',
    file,
  });
}

/**
 * Makes a host ready for the engine.
 *
 * @throws `SshError` of type `SshCredentialUnavailable`, `SshAuthKeyUnusable` or `SshConfigInvalid`
 */
export function hostTarget(name: string, host: HostConfig, credential: Credential, context: TargetContext): SshTarget {
  const { methods, problems } = readCredential(credential, context);
  const [first] = problems;
  if (first) {
    const unavailable = problems.some(({ type }) => type === 'SshCredentialUnavailable');
    const lines = problems.map(({ path, message }) => ['credential', ...path].join('.') + `: ${message}`);
    const type = unavailable ? 'SshCredentialUnavailable' : 'SshAuthKeyUnusable';
    throw configError(type, name, `host "${name}": ${lines.join('\n  ')}`);
  }
  const port = host.port ?? DEFAULT_PORT;
  const knownHostsPath = resolveConfigPath(host.knownHosts ?? DEFAULT_KNOWN_HOSTS, context.baseDir);
  return {
    name,
    address: host.address,
    port,
    user: host.user ?? '',
    auth: methods,
    hostKeys: hostKeyPolicy(name, host, context),
    shareKey: shareKey(name, host, port, methods, knownHostsPath),
    credentialKey: credentialKey(host.user ?? '', methods),
    ...(host.timeouts && { timeouts: host.timeouts }),
  };
}
