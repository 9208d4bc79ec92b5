import type { SshListHostsInput } from '../../contract';
import { configError } from '../ssh-error';
import type { HostDirectory, ListedHost } from './host-directory';

// Its own, so that the order is the same on every worker, whatever its locale.
const NATURAL = new Intl.Collator('en', { numeric: true });

/** `web-2` before `web-10`; names that only zeros tell apart in the order of their characters. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return NATURAL.compare(a.name, b.name) || (a.name < b.name ? -1 : Number(a.name > b.name));
}

/**
 * The hosts that a selector chooses, by name in natural order.
 *
 * @throws {@link SshError} `SshUnknownHost` for a whole name that is no host's; `SshConfigUnsupported` where a function
 * would have to list its hosts; what the look for a single host fails with.
 */
export async function selectHosts(
  directory: Pick<HostDirectory, 'listed' | 'get' | 'unknown'>,
  { names, labels = {} }: SshListHostsInput
): Promise<readonly ListedHost[]> {
  const listed = directory.listed();
  const patterns = names?.filter((name) => name.includes('*')) ?? ['*'];
  const wholeNames = names?.filter((name) => !name.includes('*')) ?? [];
  if (!listed && patterns.length > 0) {
    const message =
      'the hosts come from a function, which can look up hosts by their names and cannot list them: name the hosts';
    throw configError('SshConfigUnsupported', '', message);
  }
  const byNames = new Map(listed?.map((host) => [host.name, host]));
  const found = new Map<string, ListedHost>();
  for (const name of wholeNames) found.set(name, byNames.get(name) ?? (await lookUp(directory, name)));
  for (const host of byNames.values()) {
    if (patterns.some((pattern) => matches(host.name, pattern))) found.set(host.name, host);
  }
  return [...found.values()].filter((host) => hasLabels(host, labels)).sort(byName);
}

async function lookUp(directory: Pick<HostDirectory, 'get' | 'unknown'>, name: string): Promise<ListedHost> {
  const host = await directory.get(name);
  if (!host) throw directory.unknown(name);
  return { name, labels: host.labels ?? {} };
}

/** Unlike in OpenSSH's patterns only `*` is special: a host's name may have a `?` in it. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  const end = name.length - last.length;
  // The leftmost place for each part leaves the most room for those after it.
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function hasLabels({ labels }: ListedHost, wanted: NonNullable<SshListHostsInput['labels']>): boolean {
  return Object.entries(wanted).every(([label, values]) => {
    const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
    return value !== undefined && (typeof values === 'string' ? values === value : values.includes(value));
  });
}
