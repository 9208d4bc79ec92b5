import { SshError } from '../ssh-error';
import type { CommandRunner } from './command-runner';
import type { ExecHost, ScriptEnd } from './exec-host';
import type { HostCommandEnd } from './host-files';

// What is answered where the host allows no exec request, or runs another program in its place.
const NO_EXEC: ReadonlySet<string> = new Set([
  'SshExecRefused',
  'SshExitStatusMissing',
  'SshChannelRefused',
  'SshTransferFailed',
  'SshTransferUnsupported',
]);

const NOTHING = { exitCode: null, stdout: '', stdoutTail: '', stderrTail: '' } as const;

/**
 * What a host with SFTP can do beside it, by commands. Many such hosts run none: the request is refused, or another
 * program is run in its place (`ForceCommand internal-sftp`), whose exit code says nothing of ours.
 */
export class HostShell {
  /** `undefined` until a script was to be run. */
  #works: boolean | undefined;

  constructor(private readonly host: ExecHost) {}

  /** A runner whose answer is empty where the host runs no commands. */
  readonly asking: CommandRunner = async (command, stdin) => {
    if (this.#works === false) return NOTHING;
    const end = (await this.#unlessNone(this.host.run(command, stdin))) ?? NOTHING;
    // A script of ours writes at least a line, whatever comes of it.
    if (end.stdout === '') this.#works ??= false;
    return end;
  };

  /** Runs a script of `/bin/sh` to its end; `undefined` where the host runs no commands. */
  async script(text: string): Promise<ScriptEnd | undefined> {
    if (this.#works === false) return undefined;
    const end = await this.#unlessNone(this.host.stream(text, { onBody: () => undefined }));
    this.#works ??= end !== undefined;
    return end;
  }

  /** Runs a command line as it is. @throws SshError `SshTransferUnsupported` where the host runs none */
  async run(command: string): Promise<HostCommandEnd> {
    // The exit code of what may run in its place would be taken for the command's.
    if (!this.#works && !(await this.script(':')))
      throw this.host.failure('SshTransferUnsupported', 'runs no commands');
    const { exitCode, stdoutTail, stderrTail } = await this.host.run(command);
    return { exitCode, stdoutTail, stderrTail };
  }

  async #unlessNone<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (this.#works || !(error instanceof SshError) || !NO_EXEC.has(error.type)) throw error;
      return undefined;
    }
  }
}
