import { configError } from '../ssh-error';
import type { SshError } from '../ssh-error';

/** One thing that is wrong with the configuration of hosts. */
export interface ConfigProblem {
  /** Where it is, from the root of the hosts file or of the host. */
  readonly path: readonly string[];
  /** "expected ..., found ...", and what to do where that is not plain. Never holds a secret. */
  readonly message: string;
  /** The configuration is right, but of a kind that this version cannot do. */
  readonly unsupported?: boolean;
  /** It is the key that is wrong, not its value. */
  readonly onKey?: boolean;
}

/** How many problems one error lists; a file that is wrong throughout must not make a message without end. */
const MAX_LISTED = 100;

/** A key as it is shown in a path: as it is if it is plain, else quoted. */
function segment(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
}

/** Such as `hosts.web-1.port: expected ..., found ...`. */
export function describeProblem({ path, message }: ConfigProblem): string {
  return path.length === 0 ? message : `${path.map(segment).join('.')}: ${message}`;
}

/**
 * One error for all problems: `SshConfigUnsupported` if nothing is wrong but what this version cannot do, else
 * `SshConfigInvalid`.
 */
export function configProblemsError(
  subject: string,
  host: string,
  problems: readonly ConfigProblem[],
  describe: (problem: ConfigProblem) => string = describeProblem
): SshError {
  const type = problems.every(({ unsupported }) => unsupported) ? 'SshConfigUnsupported' : 'SshConfigInvalid';
  const lines = problems.slice(0, MAX_LISTED).map(describe);
  if (problems.length > MAX_LISTED) lines.push(`and ${problems.length - MAX_LISTED} more`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return configError(type, host, `${subject}: ${count}\n  ${lines.join('\n  ')}`);
}
