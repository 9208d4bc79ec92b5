import { commandLine, quoteArgument } from './command';
import type { SshExecInput } from './exec';

/**
 * What is sent as the exec request.
 *
 * Without `env` and `cwd` it is the command itself, for the login shell of the remote user. With them the command
 * runs under `/bin/sh`, because login shells differ in how they set variables, and because servers drop `env`
 * requests that their `AcceptEnv` does not name without a word. A directory that cannot be entered is exit code 126,
 * and the command does not run.
 */
export function remoteCommand({ command, env, cwd }: Pick<SshExecInput, 'command' | 'env' | 'cwd'>): string {
  const line = commandLine(command);
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${quoteArgument(value)}`);
  if (variables.length === 0 && cwd === undefined) return line;
  // A path that begins with a dash, or is just one, means something else to `cd`; CDPATH would lead elsewhere.
  const directory = cwd?.startsWith('-') ? `./${cwd}` : cwd;
  const script = directory === undefined ? line : `CDPATH= cd ${quoteArgument(directory)} || exit 126; ${line}`;
  return ['exec', 'env', ...variables, '/bin/sh', '-c', quoteArgument(script)].join(' ');
}
