import { lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is in a directory: content by path, `null` for a directory. Paths that end with `/` are directories. */
export type Tree = Readonly<Record<string, string | null>>;

/** Writes files, with the directories above them. */
export function writeTree(directory: string, tree: Tree): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    const file = join(directory, path);
    mkdirSync(content === null ? file : dirname(file), { recursive: true });
    if (content !== null) writeFileSync(file, content, { mode: 0o644 });
  }
}

/** Everything that is in a directory; a link as `-> TARGET`. */
export function readTree(directory: string): Tree {
  const tree: Record<string, string | null> = {};
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const facts = lstatSync(join(directory, path));
    if (facts.isDirectory()) tree[path] = null;
    else if (facts.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(directory, path))}`;
    else tree[path] = readFileSync(join(directory, path), 'utf8');
  }
  return tree;
}
