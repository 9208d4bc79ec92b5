import { SshError } from '../ssh-error';

/** The variables of a request, without their common prefix. */
export type PayloadVariables = Readonly<Record<string, string | number | undefined>>;

/**
 * The same for every login shell. What is to be done comes through stdin, so that nothing is in the arguments, after a line
 * with the nonce: where the shell's start-up files have read some of it, the rest must not be taken for a program. Nor does
 * anything begin once nobody reads what it says: `echo` fails then.
 */
export function jobCommand(nonce: string): string {
  return `exec /bin/sh -c 'read -r h && [ "$h" = ${nonce} ] && echo && eval "$(cat)"'`;
}

/**
 * What is written to the stdin of {@link jobCommand} after the nonce. It begins to do something in its last line only: cut
 * anywhere, it runs nothing.
 *
 * @throws {@link SshError} `SshInvalidOptions` for a value with a NUL character, which no shell can hold
 */
export function jobPayload(host: string, variables: PayloadVariables, script: string): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    const text = value === undefined ? '' : String(value);
    if (text.includes('\0')) throw nulFound(host, name);
    return `tssh_${name}=${quoteShell(text)}\n`;
  });
  // As a variable too: what runs beside the job is started from a copy of it.
  return `${lines.join('')}tssh_lib=${quoteShell(script)}\neval "$tssh_lib"\ntssh_main\n`;
}

/** In single quotes, for any POSIX shell. */
export function quoteShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Variables of the environment, as the host's script takes them. */
export function exportLines(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}=${quoteShell(value)}`)
    .join('\n');
}

function nulFound(host: string, name: string): SshError {
  const details = { stage: 'config', host, elapsedMs: 0, commandMayHaveRun: false } as const;
  const message = `${host}: expected a job without NUL characters, found one in its ${name}.`;
  return new SshError('SshInvalidOptions', { message, details });
}
