import { accessSync, constants, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';

/** What commands may see of this process's environment: a worker's holds API keys and passphrases. */
const PASSED_ON = ['PATH', 'LANG', 'TZ', 'TMPDIR'] as const;

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/** The variables that a client may set, as with `AcceptEnv LANG LC_*` of the usual sshd_config. */
export function isAcceptedVariable(name: string): boolean {
  return name === 'LANG' || /^LC_[A-Z_]+$/.test(name);
}

/** The name of the user that runs this process. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers often run under a user id without a passwd entry.
    return process.env.USER ?? process.env.LOGNAME ?? String(process.getuid?.() ?? 'user');
  }
}

/** `$SHELL` when it is an executable file, else `/bin/sh`. */
export function loginShell(): string {
  const shell = process.env.SHELL;
  if (shell === undefined || !isAbsolute(shell)) return '/bin/sh';
  try {
    accessSync(shell, constants.X_OK);
    return statSync(shell).isFile() ? shell : '/bin/sh';
  } catch {
    return '/bin/sh';
  }
}

/** The home directory, or `/` when there is none, as sshd has it. */
export function workingDirectory(): string {
  const home = homedir();
  return statSync(home, { throwIfNoEntry: false })?.isDirectory() === true ? home : '/';
}

/** The two ends of a connection, as they appear in `SSH_CONNECTION`. */
export interface ConnectionEnds {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly serverAddress: string;
  readonly serverPort: number;
}

/**
 * The environment of a command: `PATH`, `HOME`, `USER`, `LOGNAME`, `SHELL`, `LANG`, `TZ`, `TMPDIR`, `SSH_CONNECTION`,
 * and what the client was allowed to set.
 */
export function commandEnvironment(
  ends: ConnectionEnds,
  requested: ReadonlyMap<string, string>
): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const user = currentUser();
  Object.assign(env, Object.fromEntries(requested), {
    HOME: homedir(),
    USER: user,
    LOGNAME: user,
    SHELL: loginShell(),
  });
  const { clientAddress, clientPort, serverAddress, serverPort } = ends;
  env.SSH_CONNECTION = `${clientAddress} ${clientPort} ${serverAddress} ${serverPort}`;
  return env;
}
