import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { runProgram } from './run-program';

const PROBE_LIMIT_MS = 20_000;

/** What a look at a binary found. */
export type Probe =
  { readonly usable: true; readonly version: string } | { readonly usable: false; readonly reason: string };

/** Why a path is no executable file; `undefined` when it is one. */
export function executableProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return `${path} is not a file`;
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `${path} does not exist`;
    return code === 'EACCES' ? `${path} is not executable (chmod +x)` : `${path} cannot be read (${code})`;
  }
}

/** Finds a program on `PATH`. Relative entries are passed over: they mean something else in every directory. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const directories = (env.PATH ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
  return directories.map((directory) => join(directory, name)).find((path) => executableProblem(path) === undefined);
}

/** Asks a binary for its version, for at most 20 s: a broken download or another program of the name is found here. */
export async function probeTemporal(path: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Probe> {
  const problem = executableProblem(path);
  if (problem !== undefined) return { usable: false, reason: problem };
  const result = await runProgram({
    command: path,
    args: ['--version'],
    env,
    limitMs: PROBE_LIMIT_MS,
    ...(signal && { signal }),
  });
  if (result.problem !== undefined) return { usable: false, reason: `${path} --version ${result.problem}` };
  const version = result.lines.find((line) => /^temporal version/i.test(line));
  if (version === undefined) {
    const said = JSON.stringify((result.lines[0] ?? '').slice(0, 80));
    return { usable: false, reason: `${path} is not the Temporal CLI: --version printed ${said}` };
  }
  return { usable: true, version };
}
