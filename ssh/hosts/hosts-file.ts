import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configError } from '../ssh-error';
import { resolveConfigPath } from './config-path';
import { configProblemsError, describeProblem } from './config-problem';
import type { ConfigProblem } from './config-problem';
import type { HostsFile } from './host-config';
import { allCredentialProblems, hostProblems, jumpProblems } from './host-problems';
import { hostsFileSchema } from './hosts-schema';
import { parseHostsText } from './hosts-text';
import type { PlacedProblem } from './hosts-text';
import { describeIoError } from './private-file';
import type { PrivateKeyCache } from './private-key';
import { shapeProblems } from './shape-problems';
import { soundHosts } from './sound-hosts';
import { SshConfigHosts } from './ssh-config/ssh-config-hosts';

/** Enough for ten thousand hosts; what is larger is some other file. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A hosts file that was found to be right. */
export interface LoadedHosts {
  readonly file: HostsFile;
  /** Relative paths in it start here. */
  readonly baseDir: string;
}

/** Everything that is wrong with the content of a hosts file: shape, then what it refers to. */
function contentProblems(
  value: unknown,
  plainSecrets: boolean,
  baseDir: string,
  keys: PrivateKeyCache
): ConfigProblem[] {
  const { sshConfig } = (typeof value === 'object' && value !== null ? value : {}) as Partial<HostsFile>;
  const hostsElsewhere = sshConfig !== undefined && sshConfig !== false;
  const shape = shapeProblems(hostsFileSchema(plainSecrets, hostsElsewhere), value);
  const sound = soundHosts(value, shape);
  const credentials = allCredentialProblems(sound, { baseDir, keys });
  const elsewhere = shape.some(({ path: [area] }) => area === 'sshConfig')
    ? undefined
    : sshConfigHosts({ ...sound, sshConfig: sshConfig ?? false }, baseDir);
  const problem = elsewhere?.problem();
  const isElsewhere = (name: string): boolean => problem !== undefined || (elsewhere?.has(name) ?? false);
  return [
    ...shape,
    ...credentials,
    ...hostProblems(sound, baseDir),
    ...jumpProblems(sound, isElsewhere),
    ...(problem === undefined ? [] : [{ path: ['sshConfig'], message: problem }]),
  ];
}

/** The hosts of OpenSSH's configuration, if a hosts file asks for them. */
export function sshConfigHosts(
  { sshConfig = false, defaults = {}, credentials }: Omit<HostsFile, 'hosts'>,
  baseDir: string
): SshConfigHosts | undefined {
  if (sshConfig === false) return undefined;
  const given = typeof sshConfig === 'object' ? sshConfig : {};
  const { file = typeof sshConfig === 'string' ? sshConfig : '~/.ssh/config', ...more } = given;
  const { credential } = defaults;
  return new SshConfigHosts({
    ...more,
    file: resolveConfigPath(file, baseDir),
    defaults,
    defaultCredential: typeof credential === 'string' ? credentials?.[credential] : credential,
  });
}

function readText(path: string, shown: string): string {
  try {
    const { size } = statSync(path);
    if (size <= MAX_BYTES) return readFileSync(path, 'utf8');
    throw configError(
      'SshConfigInvalid',
      '',
      `${shown}: expected a hosts file of at most ${MAX_BYTES} bytes, found ${size}`
    );
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw configError(
      'SshConfigInvalid',
      '',
      `${shown}: expected a hosts file, found ${describeIoError(error)}`,
      error
    );
  }
}

/**
 * Reads and judges a hosts file (YAML 1.2 or JSON). Relative paths in it start at its directory.
 *
 * @throws `SshError` of type `SshConfigInvalid`, or `SshConfigUnsupported` if nothing else is wrong, with a line
 * `path:line:column: what` for every problem
 */
export function loadHostsFile(path: string, keys: PrivateKeyCache): LoadedHosts {
  const absolute = resolveConfigPath(path, process.cwd());
  const baseDir = dirname(resolve(absolute));
  const text = parseHostsText(readText(absolute, path));
  const problems: PlacedProblem[] = [...text.problems];
  if (text.whole)
    problems.push(...contentProblems(text.value, false, baseDir, keys).map((problem) => text.place(problem)));
  if (problems.length === 0) return { file: text.value as HostsFile, baseDir };

  const describe = (problem: ConfigProblem): string => {
    const { line, column } = text.position((problem as PlacedProblem).offset);
    return `${path}:${line}:${column}: ${describeProblem(problem)}`;
  };
  throw configProblemsError(path, '', unique(problems.sort((a, b) => a.offset - b.offset)), describe);
}

/**
 * Judges the content of a hosts file that was made by a program. Secrets may be plain strings; relative paths start at
 * the working directory.
 *
 * @throws as {@link loadHostsFile}, without lines
 */
export function loadHostsObject(value: unknown, keys: PrivateKeyCache): LoadedHosts {
  const baseDir = process.cwd();
  const problems = contentProblems(value, true, baseDir, keys);
  if (problems.length > 0) throw configProblemsError('hosts', '', unique(problems));
  return { file: structuredClone(value) as HostsFile, baseDir };
}

/** Hosts that share a default share its problem. */
function unique<T extends ConfigProblem>(problems: readonly T[]): T[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.path, problem.message, 'offset' in problem ? problem.offset : 0]);
    return !seen.has(key) && seen.add(key);
  });
}
