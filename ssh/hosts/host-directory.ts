import { kindOf } from '../../contract';
import { SshError, configError } from '../ssh-error';
import type { TargetResolver } from '../target';
import { configProblemsError } from './config-problem';
import { effectiveHost } from './effective-host';
import type { HostConfig, HostLookup, HostsSource } from './host-config';
import { hostProblems } from './host-problems';
import { hostTarget } from './host-target';
import type { HostPlan, TargetContext } from './host-target';
import { loadHostsFile, loadHostsObject, sshConfigHosts } from './hosts-file';
import type { LoadedHosts } from './hosts-file';
import { hostSchema } from './hosts-schema';
import { jumpNames, resolveRoute } from './jump-route';
import { PrivateKeyCache } from './private-key';
import { shapeProblems } from './shape-problems';
import { soundHosts } from './sound-hosts';
import { parseJump } from './ssh-config/parse-jump';
import { unknownHost } from './unknown-host';

/** The hosts that a worker knows. */
export interface HostDirectory {
  /**
   * Finds a host and makes its credentials and host keys ready. Key files, secrets and known_hosts files are looked at
   * each time, and so is OpenSSH's configuration, so that they can be exchanged while the worker runs; the hosts file itself is
   * read once.
   *
   * Fails with `SshUnknownHost`, `SshCredentialUnavailable`, `SshAuthKeyUnusable`, `SshConfigInvalid` or `SshConfigUnsupported`, and
   * for a function also with `SshHostLookupFailed` and with any `SshError` that it throws. Not bound to this object.
   */
  readonly resolve: TargetResolver;
  /**
   * The names of all hosts, sorted; `undefined` when they come from a function, which cannot list them. Of OpenSSH's
   * configuration those that a `Host` line names literally.
   */
  names(): readonly string[] | undefined;
  /**
   * What is configured for a host, with the defaults applied; `undefined` for one that does not exist. It may hold
   * secrets: for the worker only.
   */
  get(name: string): Promise<HostConfig | undefined>;
  /**
   * The hosts of the file or object itself, with their labels; `undefined` when they come from a function. Those of
   * OpenSSH's configuration are not among them: it has hosts for people, not for fleets.
   */
  listed(): readonly ListedHost[] | undefined;
  /** The failure for a name that is no host's. */
  unknown(name: string): SshError;
}

/** A host as it is chosen by. */
export interface ListedHost {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

function listedHosts({ file, baseDir }: LoadedHosts, origin: string, keys: PrivateKeyCache): HostDirectory {
  const hosts = new Map(
    Object.entries(file.hosts ?? {}).map(([name, host]) => [name, effectiveHost(host, file.defaults)])
  );
  const credentials = new Map(Object.entries(file.credentials ?? {}));
  const elsewhere = sshConfigHosts(file, baseDir);
  const context: TargetContext = { baseDir, keys, knownHosts: new Map() };
  const listed = Object.freeze([...hosts.keys()].sort());
  const names = (): readonly string[] => (elsewhere ? [...new Set([...listed, ...elsewhere.names()])].sort() : listed);

  const unknown = (name: string): SshError => unknownHost(name, names(), origin);
  const planOf = (name: string): HostPlan | undefined => {
    const host = hosts.get(name);
    if (!host) return elsewhere?.get(name);
    const credential = typeof host.credential === 'string' ? credentials.get(host.credential) : host.credential;
    return { host, credentials: [credential ?? {}] };
  };
  /** A hop is a host like any other, or one that OpenSSH's configuration names with a user and a port of its own. */
  const hopOf = (spec: string): HostPlan | undefined => {
    const plan = planOf(spec);
    const jump = plan || !elsewhere ? undefined : parseJump(spec);
    if (!jump) return plan;
    if (!hosts.has(jump.host)) return elsewhere?.hop(spec);
    const known = planOf(jump.host);
    const { user, port } = jump;
    return known && { ...known, host: { ...known.host, ...(user !== undefined && { user }), ...(port && { port }) } };
  };
  return {
    resolve: (name) =>
      resolveRoute(name, async (hop) => {
        // What a workflow asks for must be a host; only the configuration itself may name others.
        const plan = hop === name ? planOf(hop) : hopOf(hop);
        if (!plan) throw unknown(hop);
        return { target: hostTarget(hop, plan, context), jump: jumpNames(plan.host) };
      }),
    names,
    get: async (name) => planOf(name)?.host,
    listed: () => [...hosts].map(([name, { labels = {} }]) => ({ name, labels })),
    unknown,
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

  const unknown = (name: string): SshError => {
    const asked = JSON.stringify(String(name).slice(0, 100));
    const message = `no host ${asked}: the function that looks up hosts knows none`;
    return configError('SshUnknownHost', String(name), message);
  };
  return {
    resolve: (name) =>
      resolveRoute(name, async (hop) => {
        const host = await get(hop);
        if (!host) throw unknown(hop);
        const credential = typeof host.credential === 'object' ? host.credential : {};
        return { target: hostTarget(hop, { host, credentials: [credential] }, context), jump: jumpNames(host) };
      }),
    names: () => undefined,
    get,
    listed: () => undefined,
    unknown,
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
