import { configError } from '../ssh-error';
import type { SshTarget } from '../target';
import type { HostConfig } from './host-config';

/** More hops than anybody has; a function that looks hosts up could else lead on for ever. */
const MAX_HOPS = 8;

/** The names of a host's `jump`, the first hop first. */
export function jumpNames(host: Partial<HostConfig> | undefined): readonly string[] {
  const { jump = [] } = host ?? {};
  return typeof jump === 'string' ? [jump] : jump;
}

/** What is wrong with the route to a host so far, if anything. */
function problemOf(name: string, route: readonly string[]): string | undefined {
  const visited = [...route, name];
  const twice = visited.find((hop, index) => visited.indexOf(hop) !== index);
  if (twice !== undefined) return `expected a route without a circle, found ${JSON.stringify(twice)} twice in it`;
  return route.length > MAX_HOPS ? `expected at most ${MAX_HOPS} hops, found ${route.length}` : undefined;
}

/** What is wrong with the route to a host; hops that do not exist end it. */
export function routeProblem(name: string, jumpOf: (name: string) => readonly string[]): string | undefined {
  const route: string[] = [];
  for (let at: string | undefined = name; at !== undefined;) {
    const hops = jumpOf(at);
    route.unshift(...hops);
    const problem = problemOf(name, route);
    if (problem !== undefined) return problem;
    at = hops[0];
  }
  return undefined;
}

/** A host without its route, and the names of its `jump`. */
export interface Hop {
  readonly target: SshTarget;
  readonly jump: readonly string[];
}

/**
 * A target with its whole route: its `jump`, before that the first hop's own, and so on.
 *
 * @throws {@link SshError} `SshConfigInvalid` for a route that leads back to where it was, or over more than 8 hops.
 */
export async function resolveRoute(name: string, resolve: (name: string) => Promise<Hop>): Promise<SshTarget> {
  const end = await resolve(name);
  const route: string[] = [];
  for (let at: Hop | undefined = end; at !== undefined;) {
    route.unshift(...at.jump);
    const problem = problemOf(name, route);
    if (problem !== undefined) throw configError('SshConfigInvalid', name, `host "${name}": jump: ${problem}`);
    const [first]: readonly string[] = at.jump;
    at = first === undefined ? undefined : await resolve(first);
  }
  let via: SshTarget | undefined;
  for (const hop of route) via = through(via, (await resolve(hop)).target);
  return through(via, end.target);
}

function through(via: SshTarget | undefined, target: SshTarget): SshTarget {
  if (!via) return target;
  // A hop that is reached by another one is not reached by its own proxy command as well.
  const { shareKey, proxyCommand: _own, ...rest } = target;
  const shared = shareKey !== undefined && via.shareKey !== undefined && { shareKey: `${shareKey} ${via.shareKey}` };
  return { ...rest, ...shared, via };
}
