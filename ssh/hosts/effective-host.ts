import { resolveConfigPath } from './config-path';
import type { HostConfig, HostDefaults } from './host-config';

/** The fields that are given: `undefined` counts as absent and hides no default. */
function given<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, field]) => field !== undefined)) as Partial<T>;
}

/** A host with the defaults applied. Labels, timeouts and keepalive are merged one by one; everything else is replaced. */
export function effectiveHost(host: HostConfig, defaults: HostDefaults | undefined): HostConfig {
  const labels = { ...given(defaults?.labels), ...given(host.labels) } as Record<string, string>;
  const timeouts = { ...given(defaults?.timeouts), ...given(host.timeouts) };
  const keepalive = { ...given(defaults?.keepalive), ...given(host.keepalive) };
  return {
    ...given(defaults),
    ...(given(host) as HostConfig),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    ...(Object.keys(keepalive).length > 0 && { keepalive }),
  };
}

/** Where host keys are looked up unless said otherwise. */
const DEFAULT_KNOWN_HOSTS = '~/.ssh/known_hosts';

/** The known_hosts files of a host, absolute; never none. */
export function knownHostsPaths({ knownHosts }: Partial<HostConfig>, baseDir: string): readonly [string, ...string[]] {
  const [first = DEFAULT_KNOWN_HOSTS, ...others] = typeof knownHosts === 'string' ? [knownHosts] : (knownHosts ?? []);
  return [resolveConfigPath(first, baseDir), ...others.map((path) => resolveConfigPath(path, baseDir))];
}
