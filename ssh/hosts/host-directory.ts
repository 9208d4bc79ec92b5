import { kindOf } from '../../contract';
import { SshError, configError } from '../ssh-error';
import type { TargetResolver } from '../target';
import { configProblemsError } from './config-problem';
import { effectiveHost } from './effective-host';
import type { HostConfig, HostLookup, HostsSource } from './host-config';
import { hostProblems } from './host-problems';
import { hostTarget } from './host-target';
import type { TargetContext } from './host-target';
import { loadHostsFile, loadHostsObject } from './hosts-file';
import type { LoadedHosts } from './hosts-file';
import { hostSchema } from './hosts-schema';
import { jumpNames, resolveRoute } from './jump-route';
import { nearest } from './nearest';
import { PrivateKeyCache } from './private-key';
import { shapeProblems } from './shape-problems';
import { soundHosts } from './sound-hosts';

/** The hosts that a worker knows. */
export interface HostDirectory {
  /**
   * Finds a host and makes its credentials and host keys ready. Key files, secrets and known_hosts files are looked at
   * each time, so that they can be exchanged while the worker runs; the hosts file itself is read once.
   *
   * Fails with `SshUnknownHost`, `SshCredentialUnavailable`, `SshAuthKeyUnusable` or `SshConfigInvalid`, and for a function
   * also with `SshHostLookupFailed`, `SshConfigUnsupported` and with any `SshError` that it throws. Not bound to this object.
   */
  readonly resolve: TargetResolver;
  /** The names of all hosts, sorted; `undefined` when they come from a function, which cannot list them. */
  names(): readonly string[] | undefined;
  /**
   * What is configured for a host, with the defaults applied; `undefined` for one that does not exist. It may hold
   * secrets: for the worker only.
   */
  get(name: string): Promise<HostConfig | undefined>;
}

/** How many names an error lists. */
const MAX_NAMES = 10;

function unknownHost(name: string, names: readonly string[], origin: string): SshError {
  const asked = JSON.stringify(String(name).slice(0, 100));
  const meant = nearest(String(name), names);
  const advice = meant === undefined ? '' : ` Did you mean ${JSON.stringify(meant)}?`;
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  const known = names.length === 0 ? 'It has no hosts.' : `Known: ${names.slice(0, MAX_NAMES).join(', ')}${more}.`;
  return configError('SshUnknownHost', String(name), `no host ${asked} in ${origin}.${advice} ${known}`);
}

function listedHosts({ file, baseDir }: LoadedHosts, origin: string, keys: PrivateKeyCache): HostDirectory {
  const hosts = new Map(Object.entries(file.hosts).map(([name, host]) => [name, effectiveHost(host, file.defaults)]));
  const credentials = new Map(Object.entries(file.credentials ?? {}));
  const names = Object.freeze([...hosts.keys()].sort());
  const context: TargetContext = { baseDir, keys, knownHosts: new Map() };
  return {
    resolve: (name) =>
      resolveRoute(name, async (hop) => {
        const host = hosts.get(hop);
        if (!host) throw unknownHost(hop, names, origin);
        const credential = typeof host.credential === 'string' ? credentials.get(host.credential) : host.credential;
        return { target: hostTarget(hop, host, credential ?? {}, context), jump: jumpNames(host) };
      }),
    names: () => names,
    get: async (name) => hosts.get(name),
  };
}

function lookedUpHosts(lookup: HostLookup, keys: PrivateKeyCache): HostDirectory {
  const schema = hostSchema(true);
  const context: TargetContext = { baseDir: process.cwd(), keys, knownHosts: new Map() };

  async function get(name: string): Promise<HostConfig | undefined> {
    let found: unknown;
    try {
      found = await lookup(name);
    } catch (error) {
      // The function may know best, for example that a vault is sealed.
      if (error instanceof SshError) throw error;
      const text = error instanceof Error ? error.message.slice(0, 200) : kindOf(error);
      throw configError(
        'SshHostLookupFailed',
        name,
        `host "${name}": the function that looks up hosts failed: ${text}`,
        error
      );
    }
    if (found === undefined || found === null) return undefined;
    const problems = [...shapeProblems(schema, found)];
    if (problems.length === 0) {
      const sound = soundHosts({ hosts: Object.fromEntries([[name, found]]) }, []);
      problems.push(
        ...hostProblems(sound, context.baseDir).map((problem) => ({ ...problem, path: problem.path.slice(2) }))
      );
    }
    if (problems.length > 0)
      throw configProblemsError(`host "${name}" from the function that looks up hosts`, name, problems);
    return found as HostConfig;
  }

  return {
    resolve: (name) =>
      resolveRoute(name, async (hop) => {
        const host = await get(hop);
        if (!host) {
          const asked = JSON.stringify(String(hop).slice(0, 100));
          const message = `no host ${asked}: the function that looks up hosts knows none`;
          throw configError('SshUnknownHost', String(hop), message);
        }
        const credential = typeof host.credential === 'object' ? host.credential : {};
        return { target: hostTarget(hop, host, credential, context), jump: jumpNames(host) };
      }),
    names: () => undefined,
    get,
  };
}

/**
 * Makes the hosts of a worker available by name.
 *
 * A file or an object is judged as a whole and at once, with the keys, secrets and files it refers to, so that a worker
 * with a bad one does not start. What a function returns is judged on each call.
 *
 * @param source - the path of a hosts file (YAML or JSON), its content, or a function that looks hosts up
 * @throws `SshError` of type `SshConfigInvalid` that lists everything that is wrong, or `SshConfigUnsupported` if that
 * is only what this version cannot do
 */
export function createHostDirectory(source: HostsSource): HostDirectory {
  const keys = new PrivateKeyCache();
  if (typeof source === 'function') return lookedUpHosts(source, keys);
  if (typeof source === 'string') return listedHosts(loadHostsFile(source, keys), source, keys);
  return listedHosts(loadHostsObject(source, keys), 'the hosts of the configuration', keys);
}
