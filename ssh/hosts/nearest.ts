/** Case and separators are what people vary most: `known_hosts` is as near to `knownHosts` as can be. */
const normal = (name: string): string => name.toLowerCase().replace(/[-_. ]/g, '');

/** The number of insertions, deletions and substitutions between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The name that was most likely meant; `undefined` when none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = normal(name);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    // Names come from workflow inputs, and the effort is the product of the lengths.
    const other = normal(candidate.slice(0, 100));
    if (Math.abs(other.length - wanted.length) >= least) continue;
    const found = distance(wanted, other);
    if (found < least) [best, least] = [candidate, found];
  }
  return best;
}
