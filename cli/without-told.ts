import type { SshProgress } from '../contract';

// A shorter one may be part of anything.
const LEAST = 12;

/** A text of a run without what its hosts and steps have told already, each in a line of its own. */
export function withoutTold(text: string, told: readonly string[]): string {
  let left = text;
  for (const each of [...told].sort((a, b) => b.length - a.length)) {
    if (each.length < LEAST) continue;
    const end = /\.$/.test(each) ? '.' : '';
    for (const before of [': ', ' ']) left = left.replaceAll(`${before}${each}`, end);
  }
  return left === text ? text : left.replaceAll(/\.(?=[.;])/g, '').replace(/[:.]?\s*$/, '');
}

/** The texts of failures that the lines of hosts and steps have. */
export function toldByHosts({ hosts = [], steps }: SshProgress): readonly string[] {
  const all = [...hosts, ...steps.flatMap((step) => step.hosts ?? [])];
  return [...new Set(all.flatMap(({ state, message }) => (state === 'skipped' || !message ? [] : [message])))];
}
