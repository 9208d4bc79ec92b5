import type { ExecStdin } from '../exec-consumer';
import { ExecFault } from '../exec-fault';
import { cleanServerText } from '../server-text';

const KEPT = 4_096;
const NOTHING_SAID = '(nothing)';

/**
 * The command line that runs the host's program as another user. `sudo` asks with a prompt that nothing else writes, and
 * the program says when it is there: until then the password could reach, and the request be lost to, something else.
 *
 * @throws `ExecFault` of type `SshInvalidOptions` for a name that is no user's
 */
export function becomeCommand(user: string, nonce: string): string {
  if (!/^[a-z_][a-z0-9_-]*\$?$/.test(user)) {
    throw new ExecFault('SshInvalidOptions', { what: 'was not asked: become.user is no name of a user' });
  }
  return `exec sudo -k -S -p '${nonce}P' -u '${user}' -H -- /bin/sh -c 'echo ${nonce}R; eval "$(cat)"'`;
}

/** Answers the prompt of `sudo`, once, and sends the request when the program that is to read it has begun. */
export class BecomeDialogue {
  #stdin: ExecStdin | undefined;
  #stdout = '';
  #stderr = '';
  #prompts = 0;
  #ready = false;

  constructor(
    private readonly nonce: string,
    private readonly password: string | undefined,
    private readonly payload: string
  ) {}

  onOpen(stdin: ExecStdin): void {
    this.#stdin = stdin;
  }

  onStdout(chunk: Buffer): void {
    if (this.#ready) return;
    this.#stdout += chunk.toString('latin1');
    if (!this.#stdout.includes(`${this.nonce}R\n`)) {
      this.#stdout = this.#stdout.slice(-KEPT);
      return;
    }
    this.#ready = true;
    this.#stdin?.end(this.payload);
  }

  onStderr(chunk: Buffer): void {
    if (this.#ready) return;
    const prompt = `${this.nonce}P`;
    this.#stderr += chunk.toString('latin1');
    while (this.#stderr.includes(prompt)) {
      this.#stderr = this.#stderr.replace(prompt, '');
      this.#prompts += 1;
      this.#answer();
    }
    this.#stderr = this.#stderr.slice(-KEPT);
  }

  /** Called when the command has ended. */
  onEnd(exitCode: number | null): void {
    if (!this.#ready) throw this.#fault('did not let the user become another one: sudo ended', exitCode);
  }

  #answer(): void {
    if (this.#prompts > 1) throw this.#fault('did not take the password of becomePassword');
    if (this.password === undefined) {
      throw this.#fault('has a sudo that asks for a password: set becomePassword of the host in the hosts file');
    }
    this.#stdin?.write(`${this.password}\n`);
  }

  #fault(what: string, exitCode?: number | null): ExecFault {
    const stderrTail = cleanServerText(Buffer.from(this.#stderr, 'latin1'), KEPT);
    const said = exitCode === undefined || exitCode === null ? {} : { exitCode };
    const parts = { what, stage: 'exec', commandMayHaveRun: false, ...said } as const;
    // What the step itself has kept of stderr holds the prompt.
    return new ExecFault('SshBecomeFailed', { ...parts, stderrTail: stderrTail || NOTHING_SAID });
  }
}
