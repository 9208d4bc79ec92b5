import type { Session } from 'ssh2';
import { commandEnvironment, isAcceptedVariable } from './command-environment';
import type { ConnectionEnds } from './command-environment';
import type { ProcessGroups } from './process-groups';
import { RunningCommand } from './running-command';

const MAX_VARIABLES = 128;

/** What the sessions of a host share. */
export interface SessionContext {
  readonly ends: ConnectionEnds;
  readonly directory: string;
  readonly groups: ProcessGroups;
}

/**
 * Serves one session channel (RFC 4254 section 6): `env`, `exec` and `signal`. There is no listener for `pty-req`,
 * `shell`, `subsystem`, `x11-req` and agent forwarding, and ssh2 refuses what nobody listens for.
 *
 * @returns to be called when the session's connection is gone
 */
export function serveSession(session: Session, { ends, directory, groups }: SessionContext): () => void {
  const variables = new Map<string, string>();
  let command: RunningCommand | undefined;

  session.on('env', (accept, reject, { key, val }) => {
    if (isAcceptedVariable(key) && variables.size < MAX_VARIABLES) {
      variables.set(key, val);
      accept?.();
    } else {
      reject?.();
    }
  });

  session.on('exec', (accept, reject, info) => {
    // ssh2 could answer a second request neither way.
    if (command !== undefined) return;
    command = RunningCommand.start({
      command: info.command,
      env: commandEnvironment(ends, variables),
      directory,
      groups,
    });
    if (command === undefined) reject?.();
    else command.attach(accept());
  });

  session.on('signal', (_accept, _reject, { name }) => command?.signal(name));

  // With the client's EOF ssh2 1.17 takes the session for ended and refuses every request; but most clients close
  // stdin at once, and a signal comes later.
  session.on('eof', () => {
    (session as unknown as { _ending: boolean })._ending = false;
  });

  const gone = (): void => command?.abandon();
  session.on('close', gone);
  return gone;
}
