import { parseDuration } from '../../contract';
import { DEFAULT_KEEPALIVE } from '../keepalive';
import { configError } from '../ssh-error';
import type { AuthMethod, HostKeyPolicy, KeepaliveLimits, SshTarget } from '../target';
import { readCredential } from './credential';
import type { CredentialProblem } from './credential-problem';
import { knownHostsPaths } from './effective-host';
import type { Credential, HostConfig } from './host-config';
import { knownHostKeys } from './known-host-keys';
import { KnownHostsFile } from './known-hosts-file';
import { pinnedHostKeys } from './pinned-host-keys';
import { describeIoError } from './private-file';
import type { PrivateKeyCache } from './private-key';
import { authoritiesOnly, lookUp, nameInKnownHosts, revocation } from './recorded-keys';
import { readSecret } from './secret';
import { credentialKey, shareKey } from './share-key';
import { expandTokens, isShellSafe } from './tokens';

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

/** The known_hosts files of a host, as they are now. */
function refreshedFiles(
  name: string,
  host: HostConfig,
  context: TargetContext
): readonly [KnownHostsFile, ...KnownHostsFile[]] {
  const refreshed = (path: string): KnownHostsFile => {
    const file = knownHostsFile(path, context);
    try {
      file.refresh();
    } catch (error) {
      const message = `host "${name}": expected a known_hosts file at ${path}, found ${describeIoError(error)}`;
      throw configError('SshConfigInvalid', name, message, error);
    }
    return file;
  };
  const [first, ...others] = knownHostsPaths(host, context.baseDir);
  return [refreshed(first), ...others.map(refreshed)];
}

function hostKeyPolicy(name: string, plan: HostPlan, context: TargetContext): HostKeyPolicy {
  const { host } = plan;
  const { address, port = DEFAULT_PORT, hostKey, hostKeyAlias: alias } = host;
  const files =
    hostKey !== undefined && host.knownHosts === undefined ? undefined : refreshedFiles(name, host, context);
  const known = nameInKnownHosts(address, port, alias);
  if (hostKey !== undefined) {
    const pins = typeof hostKey === 'string' ? [hostKey] : hostKey;
    return pinnedHostKeys(pins, (key) => revocation(key, known, lookUp(files ?? [], known)));
  }
  if (files === undefined) throw new TypeError('a host without pins has known_hosts files');
  const authorities = authoritiesOnly(lookUp(files, known));
  if (authorities) {
    const lines = authorities.slice(0, 5).map(({ path, line }) => `${path}:${line}`);
    throw configError(
      'SshConfigUnsupported',
      name,
      `host "${name}": ${known} is known by @cert-authority only (${lines.join(', ')}), and host certificates are not supported ` +
        `by this version. Record a plain key of the host as well, or pin one under hostKey; on the host's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`
    );
  }
  const strict = host.strictHostKeyChecking ?? 'yes';
  return knownHostKeys({ host: name, address, port, alias, strict, files, hashNames: plan.hashKnownHosts ?? false });
}

function keepaliveLimits({ keepalive }: HostConfig): KeepaliveLimits | undefined {
  if (keepalive === undefined) return undefined;
  const { interval, countMax = DEFAULT_KEEPALIVE.countMax } = keepalive;
  const intervalMs = interval === 0 ? 0 : (parseDuration(interval) ?? DEFAULT_KEEPALIVE.intervalMs);
  return { intervalMs, countMax };
}

function becomePassword(name: string, { becomePassword: source }: HostConfig, baseDir: string): string | undefined {
  if (source === undefined) return undefined;
  const result = readSecret(source, baseDir);
  if ('secret' in result) return result.secret;
  throw configError('SshCredentialUnavailable', name, `host "${name}": becomePassword: ${result.message}`);
}

function proxyCommand(name: string, { address, port = DEFAULT_PORT, user = '', proxyCommand: command }: HostConfig) {
  if (command === undefined) return undefined;
  const values = { h: address, p: String(port), r: user, n: name };
  const unsafe = Object.entries(values).find(([token, value]) => command.includes(`%${token}`) && !isShellSafe(value));
  if (unsafe) {
    const message = `host "${name}": proxyCommand: expected a value for %${unsafe[0]} that means nothing to a shell, found ${JSON.stringify(unsafe[1])}`;
    throw configError('SshConfigInvalid', name, message);
  }
  return expandTokens(command, values);
}

/** A host with all that is decided about it. */
export interface HostPlan {
  readonly host: HostConfig;
  /** All of them are offered, in this order. */
  readonly credentials: readonly Credential[];
  /** Credentials that are not there are passed over, as long as one is left. */
  readonly optionalCredentials?: boolean;
  /** Which methods are offered, and in which order, where that is restricted: by their names of RFC 4252. */
  readonly methods?: readonly string[];
  /** What a problem with the credentials may be cured by. */
  readonly credentialAdvice?: string;
  readonly hashKnownHosts?: boolean;
}

function readMethods(name: string, plan: HostPlan, context: TargetContext): readonly AuthMethod[] {
  const results = plan.credentials.map((credential) => readCredential(credential, context));
  const read = results.flatMap(({ methods }) => methods);
  const { methods: order } = plan;
  const methods = order
    ? order.flatMap((method) => read.filter(({ type }) => (type === 'agent' ? 'publickey' : type) === method))
    : read;
  const problems = results.flatMap((result) => result.problems);
  const counts = ({ type }: CredentialProblem): boolean => !plan.optionalCredentials || type === 'SshAuthKeyUnusable';
  const serious = methods.length === 0 ? problems : problems.filter(counts);
  if (serious.length === 0 && methods.length > 0) return methods;
  const lines = serious.map(({ path, message }) => ['credential', ...path].join('.') + `: ${message}`);
  if (lines.length === 0) lines.push('credential: expected one that the configured methods can use, found none');
  if (plan.credentialAdvice !== undefined) lines.push(plan.credentialAdvice);
  const unavailable = serious.length === 0 || serious.some(({ type }) => type === 'SshCredentialUnavailable');
  const type = unavailable ? 'SshCredentialUnavailable' : 'SshAuthKeyUnusable';
  throw configError(type, name, `host "${name}": ${lines.join('\n  ')}`);
}

/**
 * Makes a host ready for the engine.
 *
 * @throws `SshError` of type `SshCredentialUnavailable`, `SshAuthKeyUnusable`, `SshConfigInvalid`, or `SshConfigUnsupported` for a
 * host that is known by a certificate authority only
 */
export function hostTarget(name: string, plan: HostPlan, context: TargetContext): SshTarget {
  const { host } = plan;
  const methods = readMethods(name, plan, context);
  const port = host.port ?? DEFAULT_PORT;
  const command = proxyCommand(name, host);
  const keepalive = keepaliveLimits(host);
  const password = becomePassword(name, host, context.baseDir);
  return {
    name,
    address: host.address,
    port,
    user: host.user ?? '',
    auth: methods,
    hostKeys: hostKeyPolicy(name, plan, context),
    shareKey: shareKey(name, host, port, methods, knownHostsPaths(host, context.baseDir)),
    credentialKey: credentialKey(host.user ?? '', methods),
    ...(command !== undefined && { proxyCommand: command }),
    ...(keepalive && { keepalive }),
    ...(password !== undefined && { becomePassword: password }),
    ...(host.jobDirectory !== undefined && { jobDirectory: host.jobDirectory }),
    ...(host.timeouts && { timeouts: host.timeouts }),
  };
}
