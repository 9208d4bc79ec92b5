import { realpathSync, statSync } from 'node:fs';
import { describeProblems, kindOf, show } from '../../../contract';
import type { OptionProblem } from '../../../contract';
import { resolveConfigPath } from '../../hosts/config-path';
import { configError } from '../../ssh-error';
import type { SshFilesOptions } from './files-options';

/** A root that is there. */
export interface LocalRoot {
  /** Absolute, links followed. */
  readonly path: string;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** {@link SshFilesOptions}, checked. */
export interface CheckedFilesOptions extends Required<Pick<SshFilesOptions, 'sources' | 'sinks' | 'secrets'>> {
  readonly roots: Readonly<Record<string, LocalRoot>>;
  readonly origins: readonly string[];
  readonly maxBytes: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const OPTIONS: readonly string[] = ['roots', 'sources', 'sinks', 'secrets', 'https', 'maxBytes'];

/**
 * Checks what a worker allows transfers.
 *
 * @throws {@link SshError} `SshConfigInvalid` with everything that is wrong; roots must be there.
 */
export function checkFilesOptions(options: SshFilesOptions = {}): CheckedFilesOptions {
  const problems: OptionProblem[] = [];
  const wrong = (option: string, expected: string, found: string): void => {
    problems.push({ option: `files.${option}`, expected, found });
  };
  for (const name of Object.keys(options).filter((each) => !OPTIONS.includes(each))) {
    wrong(name, `one of ${OPTIONS.join(', ')}`, 'an unknown option');
  }
  const named = <T>(
    option: 'roots' | 'sources' | 'sinks' | 'secrets',
    check: (name: string, value: T) => void
  ): void => {
    const given: unknown = options[option] ?? {};
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      return wrong(option, 'an object of names', kindOf(given));
    }
    for (const [name, value] of Object.entries(given)) {
      if (NAME.test(name)) check(name, value as T);
      else wrong(`${option}.${name}`, 'a name of letters, digits, dots, hyphens and underscores', show(name));
    }
  };
  const roots: Record<string, LocalRoot> = {};
  named<unknown>('roots', (name, value) => {
    const root = rootOf(value, (expected, found) => wrong(`roots.${name}`, expected, found));
    if (root) roots[name] = root;
  });
  for (const option of ['sources', 'sinks'] as const) {
    named<unknown>(option, (name, value) => {
      if (typeof value !== 'function') wrong(`${option}.${name}`, 'a function', kindOf(value));
    });
  }
  named<unknown>('secrets', (name, value) => {
    if (typeof value === 'function') return;
    const { env, file } = (value ?? {}) as { env?: unknown; file?: unknown };
    if ((typeof env === 'string') === (typeof file === 'string')) {
      wrong(`secrets.${name}`, 'a function, or an object with env or file', kindOf(value));
    }
  });
  const origins = originsOf(options.https, wrong);
  const { maxBytes = Infinity, sources = {}, sinks = {}, secrets = {} } = options;
  if (typeof maxBytes !== 'number' || !(maxBytes >= 1)) wrong('maxBytes', 'a number of at least 1', show(maxBytes));
  if (problems.length > 0) {
    throw configError('SshConfigInvalid', '', describeProblems('the options of the SSH activities', problems));
  }
  return { roots, sources, sinks, secrets, origins, maxBytes };
}

function rootOf(value: unknown, wrong: (expected: string, found: string) => void): LocalRoot | undefined {
  const { path, access = 'read' } = (typeof value === 'string' ? { path: value } : (value ?? {})) as {
    path?: unknown;
    access?: unknown;
  };
  if (typeof path !== 'string' || path === '') {
    wrong('a path, or an object with path and access', kindOf(value));
    return undefined;
  }
  if (access !== 'read' && access !== 'write' && access !== 'read-write') {
    wrong("access 'read', 'write' or 'read-write'", show(access));
    return undefined;
  }
  const absolute = resolveConfigPath(path, process.cwd());
  try {
    const real = realpathSync(absolute);
    if (statSync(real).isDirectory()) return { path: real, readable: access !== 'write', writable: access !== 'read' };
    wrong(`a directory at ${absolute}`, 'something else');
  } catch (error) {
    wrong(`a directory at ${absolute}`, (error as NodeJS.ErrnoException).code ?? 'an error');
  }
  return undefined;
}

function originsOf(
  https: unknown,
  wrong: (option: string, expected: string, found: string) => void
): readonly string[] {
  if (https === undefined) return [];
  const { origins } = (https ?? {}) as { origins?: unknown };
  if (!Array.isArray(origins)) {
    wrong('https', 'an object with a list of origins', kindOf(https));
    return [];
  }
  return origins.flatMap((origin: unknown) => {
    const parsed = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : undefined;
    if (parsed && /^https?:$/.test(parsed.protocol) && parsed.pathname === '/' && !parsed.username)
      return [parsed.origin];
    wrong('https.origins', 'origins such as https://releases.example.com', show(origin));
    return [];
  });
}
