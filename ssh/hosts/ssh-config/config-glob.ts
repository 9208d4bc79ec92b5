import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A pattern of glob(7) for one name, as a regular expression. */
function segmentPattern(segment: string): RegExp {
  const source = segment.replace(
    /\[(!?)((?:\]?[^\]]*))\]|[\\^$.|?*+()[\]{}]/g,
    (text, negated: string | undefined, set: string | undefined) => {
      if (set !== undefined && set !== '') return `[${negated ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
      return text === '*' ? '.*' : text === '?' ? '.' : `\\${text}`;
    }
  );
  return new RegExp(`^${source}$`, 's');
}

const isPattern = (segment: string): boolean => /[*?[]/.test(segment);

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    // As for glob(3), what cannot be looked into has nothing that matches.
    return [];
  }
}

/** The paths that match an absolute pattern, in lexical order; a path without wildcards is its only match. */
export function expandGlob(pattern: string): readonly string[] {
  const [, ...segments] = pattern.split('/');
  let found: readonly string[] = ['/'];
  for (const segment of segments) {
    if (!isPattern(segment)) {
      found = found.map((path) => join(path, segment));
      continue;
    }
    const expression = segmentPattern(segment);
    const matches = (name: string): boolean =>
      expression.test(name) && (segment.startsWith('.') || !name.startsWith('.'));
    found = found.flatMap((path) =>
      namesIn(path)
        .filter(matches)
        .map((name) => join(path, name))
    );
  }
  return found;
}
