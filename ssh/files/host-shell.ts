import type { SshError } from '../ssh-error';
import { SshError as AnySshError } from '../ssh-error';
import type { CommandRunner } from './command-runner';
import type { HostCommandEnd } from './host-files';
import { answerNonce, hostScript } from './host-script';

/** How a script of {@link HostShell} ended. */
export interface ShellEnd {
  readonly code: number;
  readonly stderr: string;
}

// What is answered where the host allows no exec request. Others say nothing of that.
const NO_EXEC: ReadonlySet<string> = new Set(['SshExecRefused', 'SshExitStatusMissing', 'SshChannelRefused']);

/**
 * What a host with SFTP can do beside it, by commands. Many such hosts run none: the request is refused, or another
 * program is run in its place (`ForceCommand internal-sftp`), whose exit code says nothing of ours.
 */
export class HostShell {
  #works: boolean | undefined;

  constructor(
    private readonly runner: CommandRunner,
    private readonly unsupported: (cause?: unknown) => SshError
  ) {}

  /** A runner whose answer is empty where the host runs no commands. */
  readonly asking: CommandRunner = async (command, stdin) => {
    if (this.#works === false) return NOTHING;
    try {
      const end = await this.runner(command, stdin);
      // A script of ours writes at least a line, whatever comes of it.
      if (end.stdout === '') this.#works = false;
      return end;
    } catch (error) {
      if (!(error instanceof AnySshError) || !NO_EXEC.has(error.type)) throw error;
      this.#works = false;
      return NOTHING;
    }
  };

  /** Runs a script of `/bin/sh` to its end; `undefined` where the host runs no commands. */
  async script(text: string): Promise<ShellEnd | undefined> {
    const nonce = answerNonce();
    const { command, stdin } = hostScript(
      nonce,
      `echo\necho ${nonce} begin\n(\n${text}\n)\ncode=$?\necho\necho ${nonce} end $code`
    );
    const { stdout, stderrTail: stderr } = await this.asking(command, stdin);
    const code = new RegExp(`^${nonce} end (\\d+)$`, 'm').exec(stdout)?.[1];
    if (code === undefined) return undefined;
    this.#works = true;
    return { code: Number(code), stderr };
  }

  /** Runs a command line as it is. @throws SshError `SshTransferUnsupported` where the host runs none */
  async run(command: string): Promise<HostCommandEnd> {
    // The exit code of what may run in its place would be taken for the command's.
    if (!this.#works && !(await this.script(':'))) throw this.unsupported();
    const { exitCode, stdoutTail, stderrTail } = await this.runner(command);
    return { exitCode, stdoutTail, stderrTail };
  }
}

const NOTHING = { exitCode: null, stdout: '', stdoutTail: '', stderrTail: '' } as const;
