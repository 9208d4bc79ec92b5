import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directory of `package.json`: the compiled tests run below it, or elsewhere with PROJECT_ROOT set. */
export function projectRoot(): string {
  if (process.env.PROJECT_ROOT !== undefined) return process.env.PROJECT_ROOT;
  let directory = __dirname;
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${__dirname}`);
    directory = parent;
  }
  return directory;
}
