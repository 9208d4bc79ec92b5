/** Whether a name matches a pattern of `*` and `?` (ssh_config(5), "PATTERNS"). */
export function matchesPattern(name: string, pattern: string): boolean {
  // Backtracks to the last star only: linear in practice, where a regular expression may take exponential time.
  let [n, p, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      [star, mark] = [p++, n];
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      [n, p] = [n + 1, p + 1];
    } else if (star !== -1) {
      [p, n] = [star + 1, ++mark];
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/**
 * Whether a name matches a list of patterns: one that is negated by `!` and matches outweighs all others, and none of
 * those makes a match by itself, as in OpenSSH's `match_pattern_list`.
 */
export function matchesPatternList(name: string, patterns: readonly string[]): boolean {
  let matched = false;
  for (const item of patterns) {
    const negated = item.startsWith('!');
    if (!matchesPattern(name, negated ? item.slice(1) : item)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}
