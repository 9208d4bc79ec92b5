import { readTree } from './trees';
import type { Tree } from './trees';

/** So many small files, in seven directories. */
export function numbered(count: number, name: (index: number) => string = (index) => `d${index % 7}/f${index}`): Tree {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), `content of ${index}\n`]));
}

/** Unfinished copies below a directory. */
export function partsIn(directory: string): readonly string[] {
  return Object.keys(readTree(directory)).filter((path) => path.endsWith('.part'));
}
