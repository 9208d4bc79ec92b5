import { randomBytes } from 'node:crypto';
import { quoteShell } from '../job/job-payload';

/** A shell script as an exec request: what the login shell gets, and what goes through stdin. */
export interface HostScript {
  /** The same for every login shell, and without anything of what is asked for. */
  readonly command: string;
  readonly stdin: string;
}

/** What an answer begins with, so that what start-up files print is not taken for it. */
export function answerNonce(): string {
  return randomBytes(16).toString('hex');
}

/**
 * A script for `/bin/sh`. Where start-up files have read some of stdin, or the rest of it did not come, nothing is run.
 * Its messages are in English, and it begins in the remote user's home.
 */
export function hostScript(nonce: string, script: string): HostScript {
  return {
    command: `exec /bin/sh -c 'read -r h && [ "$h" = ${nonce} ] && eval "$(cat)"'`,
    // A function: cut anywhere, it is not called.
    stdin: `${nonce}\ntssh_main() {\nexport LC_ALL=C\n${script}\n}\ntssh_main\n`,
  };
}

/** A script of one line, like that of {@link hostScript}, to which all that follows in stdin is left. */
export function hostScriptWithInput(nonce: string, line: string): HostScript {
  return {
    // POSIX has `read` take not a byte more than its line from what cannot be sought in.
    command: `exec /bin/sh -c 'read -r h s && [ "$h" = ${nonce} ] && eval "$s"'`,
    stdin: `${nonce} export LC_ALL=C; n=$(printf "\\nx"); n=\${n%x}; ${line}\n`,
  };
}

/** A path as one word of a script. No program takes it for an option, and a relative one stays below the home. */
export function pathWord(path: string): string {
  return quoteShell(plainPath(path));
}

/** {@link pathWord} for {@link hostScriptWithInput}. */
export function pathWordInLine(path: string): string {
  return pathWord(path).replaceAll('\n', `'"$n"'`);
}

/** The path as programs of the host print it. */
export function plainPath(path: string): string {
  return path.startsWith('/') ? path : `./${path}`;
}

/**
 * Puts an answer around what a script prints, for `AnswerFrame`, and around its messages. The script runs in a subshell,
 * and may exit.
 */
export function framed(nonce: string, script: string): string {
  return `echo ${nonce} >&2; echo; echo ${nonce} begin; ( ${script} ); set -- $?; echo; echo ${nonce} end $1`;
}

/**
 * Lets a script that is busy write an empty line to stderr each 5 s, so that it is not taken for a host that has died. The
 * writes fail once nobody reads them any more; what sleeps has none of the request's streams.
 */
export const KEEP_TALKING =
  '( while sleep 5 >/dev/null 2>&1 </dev/null && echo >&2; do :; done ) </dev/null >/dev/null & talker=$!';

/** Ends {@link KEEP_TALKING}, by KILL: mksh looks at other signals when what it waits for has ended. */
export const STOP_TALKING = 'kill -9 $talker 2>/dev/null';

/** Whether a shell can be told a text, such as a path, as it is. */
export function isTellable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
