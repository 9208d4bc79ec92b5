import type { ConfigProblem } from './config-problem';
import type { Credential, HostConfig, HostDefaults } from './host-config';

/** What remains of a hosts file without the fields that have a wrong shape, so that the rest can still be judged. */
export interface SoundHosts {
  readonly defaults: HostDefaults;
  /** Without those of which any field is wrong. */
  readonly credentials: Readonly<Record<string, Credential>>;
  /** Of all that are there, wrong or not. */
  readonly credentialNames: ReadonlySet<string>;
  /** A host may lack even its address. */
  readonly hosts: Readonly<Record<string, Partial<HostConfig>>>;
  /** Whether a field is there, but was left out as wrong: its absence is then no problem of its own. */
  leftOut(host: string, field: keyof HostConfig): boolean;
}

type Fields = Record<string, unknown>;

const copyOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Leaves out what the problems name. */
export function soundHosts(value: unknown, problems: readonly ConfigProblem[]): SoundHosts {
  const root = copyOf(value);
  const defaults = copyOf(root['defaults']);
  const credentials = copyOf(root['credentials']);
  const credentialNames = new Set(Object.keys(credentials));
  const hosts = new Map(Object.entries(copyOf(root['hosts'])).map(([name, host]) => [name, copyOf(host)]));
  const removed = new Set<string>();

  for (const { path } of problems) {
    const [area, name, field] = path;
    if (name === undefined) continue;
    if (area === 'defaults') {
      delete defaults[name];
      removed.add(JSON.stringify([area, name]));
    } else if (area === 'credentials') {
      delete credentials[name];
    } else if (area === 'hosts' && field === undefined) {
      hosts.delete(name);
    } else if (area === 'hosts') {
      delete hosts.get(name)?.[field as string];
      removed.add(JSON.stringify([area, name, field]));
    }
  }
  return {
    defaults,
    credentials: credentials as Record<string, Credential>,
    credentialNames,
    hosts: Object.fromEntries(hosts),
    leftOut: (host, field) =>
      removed.has(JSON.stringify(['hosts', host, field])) || removed.has(JSON.stringify(['defaults', field])),
  };
}
